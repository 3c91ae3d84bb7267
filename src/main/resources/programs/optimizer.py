# Updates weights by their gradients. In-place operators do nothing on a list that is made here: the lists come from the caller.
class Optimizer(Module):
    def add(self, total: List[Tensor], g: List[Tensor], share: float) -> Tensor:
        """Adds a share of the gradients `g` to `total`."""
        torch._foreach_add_(total, g, alpha=share)
        return total[0]

    def shrink(self, g: List[Tensor], clip: float) -> Tensor:
        """By what the gradients are to be divided so that their norm is at most `clip`; and the norm."""
        norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)))
        return torch.stack([torch.clamp((norm + 1e-6) / clip, 1.0), norm])

    def spread(self, whole: Tensor, rows: Tensor, some: Tensor, factor: float) -> Tensor:
        """`some` become these rows of `whole`, whose other rows are multiplied by a factor."""
        whole.mul_(factor)
        whole.index_copy_(0, rows, some)
        return rows

    def copy(self, to: Tensor, other: Tensor) -> Tensor:
        """Gives a tensor the numbers of another one."""
        to.copy_(other)
        return to

    def update(self, trained: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], g: List[Tensor],
               lr: float, decay: float, shrink: Tensor) -> Tensor:
        """AdamW; m, v, t are the moments and step counts of `trained`."""
        torch._foreach_add_(t, 1)
        torch._fused_adamw_(trained, g, m, v, [], t, lr=lr, beta1=0.9, beta2=0.999, weight_decay=decay, eps=1e-8,
                            amsgrad=False, maximize=False, grad_scale=shrink[0])
        return shrink
