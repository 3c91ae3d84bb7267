# What an encoder offers to the head that stands on it.

class Encoder(ModuleInterface):
    # every token, [batch, length, hidden], as the head of token classification takes it
    def token_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    # every text, [texts, hidden], as the last layer of a classifier takes it
    def pooled(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    # the scores of the vocabulary at the tokens where `chosen` is true, [tokens, vocabulary]
    def vocabulary(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], chosen: Tensor, drop: float) -> Tensor:
        pass
