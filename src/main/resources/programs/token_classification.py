# The head that gives each token a label; labels of -100 do not count.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[batch, length, labels], before the softmax."""
    return layers.linear(w, "classifier", model.token_states(w, batch, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """The probability of each label at each token, [batch, length, labels]."""
    return torch.softmax(scores(model, w, batch, 0.0), -1)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    return layers.cross_entropy(scores(model, w, batch, drop).flatten(0, 1), batch["labels"].flatten().long(), batch)
