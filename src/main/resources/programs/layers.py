# Building blocks shared by every architecture. `w` holds the weights under their Hugging Face names.

def linear(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """x W' + b, computed in the precision of W; plus the correction of a LoRA pair, if the layer has one."""
    weight = w[name + ".weight"]
    x = x.to(weight.dtype)
    bias = w.get(name + ".bias")
    y = torch.linear(x, weight, None if bias is None else bias.to(weight.dtype))
    down = w.get(name + ".lora_A.weight")
    return y if down is None else y + lora(w, name, x, down)

def linear_t(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """The same for GPT-2, which stores its matrices as [in, out]."""
    weight = w[name + ".weight"]
    x = x.to(weight.dtype)
    y = x @ weight + w[name + ".bias"].to(weight.dtype)
    down = w.get(name + ".lora_A.weight")
    return y if down is None else y + lora(w, name, x, down)

def lora(w: Dict[str, Tensor], name: str, x: Tensor, down: Tensor) -> Tensor:
    """The low-rank correction of a linear layer: scale B A x; in training, a share of x is dropped."""
    if "lora.dropout" in w:
        x = dropout(x, float(w["lora.dropout"]))
    return torch.linear(torch.linear(x, down), w[name + ".lora_B.weight"]) * w["lora.scale"].to(x.dtype)

def layer_norm(w: Dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [x.shape[-1]], w[name + ".weight"], w.get(name + ".bias"), eps)

def rms_norm(w: Dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    return torch.rms_norm(x, [x.shape[-1]], w[name + ".weight"], eps)

def dropout(x: Tensor, p: float) -> Tensor:
    """Zeroes a share p of x, to the nearest 1/256: a mask of random bytes costs a fraction of torch.dropout's."""
    dropped = int(p * 256.0 + 0.5)
    if dropped == 0:
        return x
    words = torch.empty([(x.numel() + 7) // 8], dtype=4, device=x.device)       # int64
    noise = torch.view_copy(words.random_(-9223372036854775807 - 1, None), dtype=0)     # uint8
    keep = noise[:x.numel()].view(x.shape) >= dropped
    return x * (keep.to(x.dtype) * (256.0 / (256 - dropped)))

def cross_entropy(scores: Tensor, labels: Tensor, batch: Dict[str, Tensor]) -> Tensor:
    """The mean over the labels other than -100; the batch may contain class weights and a label smoothing."""
    smoothing = batch.get("smoothing")
    share = 0.0 if smoothing is None else float(smoothing)
    return torch.cross_entropy_loss(scores, labels, batch.get("weights"), 1, -100, share)

def positions(segments: Tensor) -> Tensor:
    """Place of each token within its own segment: counting restarts where the segment number changes."""
    at = torch.arange(segments.shape[1], device=segments.device).expand_as(segments)
    starts = torch.where(segments[:, 1:] != segments[:, :-1], at[:, 1:], 0)
    starts = torch.cat([at[:, :1], starts], 1)
    return at - torch.cummax(starts, 1)[0]

def starts(segments: Tensor) -> Tensor:
    """True at the first token of every text."""
    return (positions(segments) == 0) & (segments > 0)

def means(h: Tensor, segments: Tensor) -> Tensor:
    """The mean of the tokens of every text, [texts, hidden]."""
    text = torch.cumsum(starts(segments).flatten().long(), 0) - 1
    real = segments.flatten() > 0
    text = text[real]
    sums = torch.zeros([int(text.max()) + 1, h.shape[-1]], dtype=h.dtype, device=h.device)
    counts = torch.bincount(text).to(h.dtype)
    return torch.index_add(sums, 0, text, h.flatten(0, 1)[real]) / counts[:, None]

def angles(at: Tensor, size: int, theta: float) -> Tuple[Tensor, Tensor]:
    """Cosine and sine for rotary positions, [batch, 1, length, size]."""
    rate = theta ** (torch.arange(0, size, 2, device=at.device) / -float(size))
    angle = at[:, None, :, None].float() * rate
    angle = torch.cat([angle, angle], -1)
    return torch.cos(angle), torch.sin(angle)

def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)
