# The loss of a language model over its vocabulary, in parts: the scores of all tokens, [tokens, vocabulary], would take most of
# the memory of a training step.

def part_size(matrix: Tensor, learns: bool) -> int:
    """How many tokens a part has: at most 2^23 scores, since two halves of a batch may be computed at once. If the matrix learns,
    they are not, and it is 2^24. A part then has at least as many tokens as the states have numbers, because each part adds to the
    gradient of the whole matrix; its scores are then no larger than the matrix."""
    if learns:
        return max(1, 16777216 // matrix.shape[0], matrix.shape[1])
    return max(1, 8388608 // matrix.shape[0])

def loss(h: Tensor, matrix: Tensor, bias: Optional[Tensor], targets: Tensor) -> Tensor:
    """The mean loss of the targets, [tokens], given the states h, [tokens, size], and the output layer, which computes in the
    precision of h. The gradients are found part by part: what is returned is the loss with those gradients."""
    constant = matrix.detach().to(h.dtype)
    shift = None if bias is None else bias.detach().to(h.dtype)
    enabled = torch.is_grad_enabled()
    learns = enabled and matrix.requires_grad
    tokens, size = targets.shape[0], part_size(matrix, learns)
    shifts = enabled and bias is not None and bias.requires_grad
    states = h.detach()
    of_h = torch.zeros_like(states)
    of_matrix = torch.zeros_like(constant if learns else constant[:0], dtype=6)       # float32
    of_bias = torch.zeros([matrix.shape[0] if shifts else 0], dtype=6, device=h.device)
    total = torch.zeros([], dtype=6, device=h.device)
    for a in range(0, tokens, size):
        x, wanted = states[a:a + size], targets[a:a + size, None]
        g = torch.log_softmax(torch.linear(x, constant, shift).float(), -1)
        total = total - g.gather(1, wanted).sum()
        if enabled:
            g.exp_().scatter_add_(1, wanted, torch.full_like(wanted, -1.0, dtype=6))      # the gradient of the scores
            if shifts:
                of_bias.add_(g.sum(0))
            g = g.to(h.dtype)
            torch.mm(g, constant, out=of_h[a:a + size])
            if learns and g.dtype == 6:
                of_matrix.addmm_(g.t(), x)
            elif learns:
                of_matrix.add_(torch.mm(g.t(), x))
    share = 1.0 / max(1, tokens)
    total = total * share
    if enabled:
        linear = (h.float() * (of_h.float() * share)).sum()     # has the gradients that were found
        if learns:
            linear = linear + torch.dot(matrix.flatten(), of_matrix.mul_(share).to(matrix.dtype).flatten()).float()
        if bias is not None and shifts:
            linear = linear + (bias.float() * of_bias).sum() * share
        total = total + (linear - linear.detach())
    return total

def figures(h: Tensor, matrix: Tensor, targets: Tensor) -> Tensor:
    """The loss of each target, 1 if it has the highest score, else 0, and the token with the highest score: [3, tokens]. Without
    gradients, in parts as in `loss`."""
    tokens, size = targets.shape[0], part_size(matrix, False)
    found = torch.zeros([3, tokens], dtype=6, device=h.device)       # float32
    for a in range(0, tokens, size):
        wanted = targets[a:a + size, None]
        g = torch.log_softmax(torch.linear(h[a:a + size], matrix.to(h.dtype)).float(), -1)
        found[0, a:a + size] = -g.gather(1, wanted)[:, 0]
        preferred = g.argmax(-1)
        found[1, a:a + size] = (preferred == wanted[:, 0]).float()
        found[2, a:a + size] = preferred.float()
    return found
