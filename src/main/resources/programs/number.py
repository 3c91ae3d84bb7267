# The head that gives each text a number.
import encoders, layers

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """[texts, 1]"""
    return layers.linear(w, "classifier", model.texts(w, batch, 0.0)).float()

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    found = layers.linear(w, "classifier", model.texts(w, batch, drop)).float()
    return torch.mse_loss(found.flatten(), batch["labels"].flatten())
