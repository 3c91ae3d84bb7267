# The head that gives each text a number.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[texts, 1]"""
    return layers.linear(w, "classifier", model.pooled(w, batch, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    return scores(model, w, batch, 0.0)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    return torch.mse_loss(scores(model, w, batch, drop).flatten(), batch["labels"].flatten())
