# Changes gradients and weights in place. In-place operators do nothing on a list that is made here, so the lists are arguments.
class Optimizer(Module):
    def accumulate(self, total: List[Tensor], g: List[Tensor], share: float) -> Tensor:
        """Adds a share of the gradients `g` to `total`."""
        torch._foreach_add_(total, g, alpha=share)
        return total[0]

    def mean(self, g: List[Tensor], other: List[Tensor], share: float) -> Tensor:
        """Makes `g` the mean of itself and the gradients `other`, which have this share of it."""
        torch._foreach_lerp_(g, other, share)
        return g[0]

    def clip_coefficient(self, g: List[Tensor], max_norm: float) -> Tensor:
        """The divisor that brings the norm of the gradients down to `max_norm`, at least 1; and the norm."""
        norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2, 6)))      # in float32
        return torch.stack([torch.clamp((norm + 1e-6) / max_norm, 1.0), norm])

    def to_host(self, losses: List[Tensor], clip: Tensor) -> List[Tensor]:
        """The losses, the norm of the gradients and a 1; then a copy of them on the host, which a GPU completes later: nothing
        waits for it, and its last number is 0 until then."""
        numbers = torch.cat([torch.stack(losses), clip[1:], torch.ones_like(clip[:1])])
        copy = torch.zeros(numbers.shape, dtype=6, device=torch.device("cpu"), pin_memory=numbers.is_cuda)
        copy.copy_(numbers, non_blocking=True)
        return [numbers, copy]

    def update(self, trained: List[Tensor], copies: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor],
               g: List[Tensor], lr: float, decay: float, beta2: float, clip: Tensor) -> Tensor:
        """AdamW; m, v, t are the moments and step counts of `trained`, `copies` their copies in bfloat16 or themselves, `clip`
        is what `clip_coefficient` returned. On a CPU one weight after the other, because the processor's cache keeps one."""
        torch._foreach_add_(t, 1)
        if clip.is_cuda:        # a few kernels for all of them
            torch._fused_adamw_(trained, [x.float() for x in g], m, v, [], t, lr=lr, beta1=0.9, beta2=beta2, weight_decay=decay,
                                eps=1e-8, amsgrad=False, maximize=False, grad_scale=clip[0])
            torch._foreach_copy_(copies, trained)
            return clip
        for i in range(len(trained)):
            one, gradient = [trained[i]], [g[i].float()]
            torch._fused_adamw_(one, gradient, [m[i]], [v[i]], [], [t[i]], lr=lr, beta1=0.9, beta2=beta2, weight_decay=decay,
                                eps=1e-8, amsgrad=False, maximize=False, grad_scale=clip[0])
            copies[i].copy_(one[0])
        return clip

    def directions(self, matrix: Tensor, count: int) -> List[Tensor]:
        """The main directions of a matrix: its first left and right singular vectors, [rows, count] and [columns, count]."""
        left, values, right = torch.linalg_svd(matrix, False)
        return [left[:, :count].contiguous(), right[:count].t().contiguous()]

    def without(self, x: Tensor, left: Tensor, right: Tensor) -> Tensor:
        """Removes from a matrix what lies in these directions, on either side."""
        rest = x.float()
        rest = rest - torch.mm(left, torch.mm(left.t(), rest))
        rest = rest - torch.mm(torch.mm(rest, right), right.t())
        return x.copy_(rest)

    def keep(self, trained: Tensor, copy: Tensor, base: Tensor, left: Tensor, right: Tensor) -> Tensor:
        """Undoes what changed in these directions of the base, of which `trained` is a changed version."""
        trained.copy_(base + self.without(trained - base, left, right))
        return copy.copy_(trained)

    def pull(self, trained: Tensor, copy: Tensor, base: Tensor, share: float) -> Tensor:
        """Moves a weight this share of the way to that of the base."""
        trained.lerp_(base, share)
        return copy.copy_(trained)

    def rounded(self, weights: List[Tensor]) -> List[Tensor]:
        """Copies in bfloat16."""
        return [x.to(15) for x in weights]

    def scatter_rows(self, whole: Tensor, rows: Tensor, some: Tensor, factor: float) -> Tensor:
        """Copies `some` into these rows of `whole` and multiplies its other rows by a factor."""
        whole.mul_(factor)
        whole.index_copy_(0, rows, some)
        return rows

    def copy(self, to: Tensor, other: Tensor) -> Tensor:
        """Copies the values of one tensor to another."""
        to.copy_(other)
        return to
