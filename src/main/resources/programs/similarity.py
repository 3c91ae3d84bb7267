# The objective of pairs of texts, which are next to each other in a batch: the cosine of the means of their tokens is to be the label of
# the pair, 1 or 0.

class Trainable(ModuleInterface):
    def means(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

def loss(model: Trainable, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    vectors = model.means(w, batch, drop)
    first, second = vectors.view([-1, 2, vectors.shape[1]]).unbind(1)
    return torch.mse_loss(torch.cosine_similarity(first, second, 1, 1e-8), batch["labels"])
