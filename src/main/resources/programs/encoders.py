# What an encoder offers to the head that stands on it.

class Encoder(ModuleInterface):
    # every token, [batch, length, hidden]
    def tokens(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    # the first token of every text, [texts, hidden]
    def texts(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass
