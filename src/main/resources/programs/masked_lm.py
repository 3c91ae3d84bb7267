# The head that predicts masked tokens.
import encoders, host, vocabulary

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """Scores of the vocabulary at each token that is not padding, [tokens, vocabulary]."""
    matrix, bias = model.vocabulary_layer(w)
    return torch.linear(model.vocabulary_states(w, batch, host.asked(batch, "segments") > 0, drop).to(matrix.dtype), matrix, bias)

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    return scores(model, w, batch, 0.0)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """`labels` has the masked tokens, and -100 elsewhere; scores are computed only for masked tokens."""
    labels = host.asked(batch, "labels")
    hidden = labels != -100
    matrix, bias = model.vocabulary_layer(w)
    targets = host.moved(labels[hidden].long(), matrix)
    return vocabulary.loss(model.vocabulary_states(w, batch, hidden, drop), matrix, bias, targets)
