# The objective of examples with a target: the loss of the model's head.

class Trainable(ModuleInterface):
    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

def loss(model: Trainable, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    return model.loss(w, batch, drop)
