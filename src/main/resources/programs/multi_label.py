# The head that gives each text any number of labels.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[texts, labels], before the sigmoid."""
    return layers.linear(w, "classifier", model.pooled(w, batch, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """The probability of each label on its own, [texts, labels]."""
    return torch.sigmoid(scores(model, w, batch, 0.0))

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """`labels` is 1 or 0, [texts, labels]; label smoothing pulls both towards a half."""
    wanted = batch["labels"]
    smoothing = batch.get("smoothing")
    if smoothing is not None:
        wanted = wanted * (1.0 - smoothing) + smoothing * 0.5
    return torch.binary_cross_entropy_with_logits(scores(model, w, batch, drop), wanted)
