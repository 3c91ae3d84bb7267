# The objective of pairs of texts, which are next to each other in a batch: the cosine of the vectors of a pair is to be its label, 1 or 0.

class Trainable(ModuleInterface):
    def pooled(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

def loss(model: Trainable, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    vectors = model.pooled(w, batch, drop).float()
    first, second = vectors.view([-1, 2, vectors.shape[1]]).unbind(1)
    return torch.mse_loss(torch.cosine_similarity(first, second, 1, 1e-8), batch["labels"])
