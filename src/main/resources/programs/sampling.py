# The choice of the next token of a text.

def sample(logits: Tensor, temperature: float, top_k: int, top_p: float, seed: int) -> Tensor:
    """One token per row, [batch, 1]: the best one at temperature 0, else sampled from the `top_k` best (0: all) and,
    of these, from the best that make up `top_p`."""
    if temperature < 0.0001:
        return torch.argmax(logits, -1, True)
    count = logits.shape[-1]
    best, order = torch.topk(logits / temperature, min(top_k, count) if top_k > 0 else count)
    p = torch.softmax(best, -1)
    before = torch.cumsum(p, -1) - p
    p = p * ((before < top_p) | (torch.arange(p.shape[-1], device=p.device) == 0))     # those with less than top_p before them, and the first
    draw = torch.Generator(device=logits.device, seed=seed)     # not that of the process, which all threads share
    return order.gather(1, torch.multinomial(p, 1, generator=draw))
