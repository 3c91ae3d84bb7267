# An objective on pairs of texts, for a test: the first of each pair is to have the higher score for the first label.

class Trainable(ModuleInterface):
    def logits(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        pass

def loss(model: Trainable, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    scores = model.logits(w, batch)[:, 0]
    return -torch.log_sigmoid(scores[0::2] - scores[1::2]).mean()
