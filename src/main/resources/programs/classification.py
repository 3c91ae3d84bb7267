# The head that gives each text one label.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[texts, labels], before the softmax."""
    return layers.linear(w, "classifier", model.pooled(w, batch, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """The probability of each label, [texts, labels]."""
    return torch.softmax(scores(model, w, batch, 0.0), -1)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    return layers.cross_entropy(scores(model, w, batch, drop), batch["labels"].long(), batch)
