# The head that gives each text one label: transformers' BertForSequenceClassification.
import encoders, layers

def scores(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """[texts, labels], before the softmax."""
    h = torch.tanh(layers.linear(w, "pooler.dense", model.texts(w, batch, drop)))
    return layers.linear(w, "classifier", layers.dropout(h, drop)).float()

def predict(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """The probability of each label, [texts, labels]."""
    return torch.softmax(scores(model, w, batch, 0.0), -1)

def loss(model: encoders.Encoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    return torch.cross_entropy_loss(scores(model, w, batch, drop), batch["labels"])
