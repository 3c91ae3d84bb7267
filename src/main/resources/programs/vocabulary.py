# The loss of a language model over its vocabulary, in parts: the scores of all tokens, [tokens, vocabulary], would take most of
# the memory of a training step.

def part(h: Tensor, matrix: Tensor, bias: Optional[Tensor], targets: Tensor) -> Tensor:
    scores = torch.linear(h, matrix, None if bias is None else bias.to(h.dtype))
    return torch.cross_entropy_loss(scores.float(), targets, None, 2)

def loss(h: Tensor, matrix: Tensor, bias: Optional[Tensor], targets: Tensor) -> Tensor:
    """The mean loss of the targets, [tokens], given the states h, [tokens, size], and the output layer, which computes in the
    precision of h. Each part is followed by its own backward pass: what is returned has the same gradients as the loss."""
    tokens, rows = targets.shape[0], max(1, 16777216 // matrix.shape[0])        # at most 2^24 scores at once
    total = torch.zeros([], dtype=6, device=h.device)       # float32
    if not torch.is_grad_enabled():
        for a in range(0, tokens, rows):
            total = total + part(h[a:a + rows], matrix.to(h.dtype), bias, targets[a:a + rows])
        return total / max(1, tokens)
    leaves = [matrix.detach().to(h.dtype)] if bias is None else [matrix.detach().to(h.dtype), bias.detach()]
    originals = [matrix] if bias is None else [matrix, bias]
    learning: List[Tensor] = []
    sums: List[Tensor] = []
    for i in range(len(leaves)):
        if originals[i].requires_grad:
            learning.append(leaves[i].requires_grad_(True))
            sums.append(torch.zeros_like(leaves[i], dtype=6))
    of_h: List[Tensor] = []
    for a in range(0, tokens, rows):
        x = h[a:a + rows].detach().requires_grad_(True)
        one = part(x, leaves[0], leaves[1] if len(leaves) > 1 else None, targets[a:a + rows])
        found = torch.grad([one], [x] + learning)
        for i in range(len(found)):
            g = found[i]
            assert g is not None, "the loss depends on the output layer"
            if i == 0:
                of_h.append(g)
            else:
                sums[i - 1].add_(g)
        total = total + one.detach()
    if tokens > 0:
        surrogate = (h.float() * torch.cat(of_h).float()).sum()       # linear, with the gradients that were found
        i = 0
        for x in originals:
            if x.requires_grad:
                surrogate = surrogate + (x * sums[i]).sum()
                i += 1
        total = total + (surrogate - surrogate.detach())
    return total / max(1, tokens)
