# Building blocks shared by every architecture. `w` holds the weights under their Hugging Face names.

def linear(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """x W' + b, computed in the precision of W."""
    weight = w[name + ".weight"]
    return torch.linear(x.to(weight.dtype), weight, w[name + ".bias"].to(weight.dtype))

def layer_norm(w: Dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [x.shape[-1]], w[name + ".weight"], w[name + ".bias"], eps)

def dropout(x: Tensor, p: float) -> Tensor:
    """Zeroes a share p of x, to the nearest 1/256: a mask of random bytes costs a fraction of torch.dropout's."""
    dropped = int(p * 256.0 + 0.5)
    if dropped == 0:
        return x
    words = torch.empty([(x.numel() + 7) // 8], dtype=4, device=x.device)       # int64
    noise = torch.view_copy(words.random_(-9223372036854775807 - 1, None), dtype=0)     # uint8
    keep = noise[:x.numel()].view(x.shape) >= dropped
    return x * (keep.to(x.dtype) * (256.0 / (256 - dropped)))

def positions(segments: Tensor) -> Tensor:
    """Place of each token within its own segment: counting restarts where the segment number changes."""
    at = torch.arange(segments.shape[1], device=segments.device).expand_as(segments)
    starts = torch.where(segments[:, 1:] != segments[:, :-1], at[:, 1:], 0)
    starts = torch.cat([at[:, :1], starts], 1)
    return at - torch.cummax(starts, 1)[0]

def starts(segments: Tensor) -> Tensor:
    """True at the first token of every text."""
    return (positions(segments) == 0) & (segments > 0)
