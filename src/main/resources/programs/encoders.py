# What an encoder offers to its head.

class Encoder(ModuleInterface):
    # the states of every token, [batch, length, hidden], for token classification
    def token_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    # every text as one vector, [texts, hidden], for the last layer of a classifier
    def pooled(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    # the input of the layer that scores the vocabulary, at the tokens where `chosen` is true, [tokens, size]
    def vocabulary_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], chosen: Tensor, drop: float) -> Tensor:
        pass

    # that layer's matrix and bias
    def vocabulary_layer(self, w: Dict[str, Tensor]) -> Tuple[Tensor, Optional[Tensor]]:
        pass
