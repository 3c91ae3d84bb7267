# The head that predicts masked tokens.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """Scores of the vocabulary at each token that is not padding, [tokens, vocabulary]."""
    return model.vocabulary(w, batch, batch["segments"] > 0, drop)

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    return scores(model, w, batch, 0.0)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """`labels` has the masked tokens, and -100 elsewhere; scores are computed only for masked tokens."""
    hidden = batch["labels"] != -100
    return torch.cross_entropy_loss(model.vocabulary(w, batch, hidden, drop), batch["labels"][hidden].long())
