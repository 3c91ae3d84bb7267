# The head that gives each text a number. In training it computes standardized numbers: w has their mean and deviation.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[texts, 1]"""
    return layers.linear(w, "classifier", model.pooled(w, batch, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    found = scores(model, w, batch, 0.0)
    return found * w["score.deviation"] + w["score.mean"] if "score.mean" in w else found

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    expected = batch["labels"].flatten()
    if "score.mean" in w:
        expected = (expected - w["score.mean"]) / w["score.deviation"]
    return torch.mse_loss(scores(model, w, batch, drop).flatten(), expected)
