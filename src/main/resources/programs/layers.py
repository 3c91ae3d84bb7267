import host

# Building blocks shared by every architecture. `w` holds the weights under their Hugging Face names.

def linear(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """x W' + b, computed in the precision of W; plus the correction of a LoRA pair, if the layer has one."""
    weight = w[name + ".weight"]
    x = x.to(weight.dtype)
    bias = w.get(name + ".bias")
    if ops.prim.is_mkldnn(weight):      # packed by served.py
        return ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    y = torch.linear(x, weight, None if bias is None else bias.to(weight.dtype))
    down = w.get(name + ".lora_A.weight")
    return y if down is None else y + lora(w, name, x, down)

def linears(w: Dict[str, Tensor], names: List[str], x: Tensor, rows: Optional[Tensor]) -> List[Tensor]:
    """The results of linear layers with the same input at these rows. In bf16, a training step computes one product instead: short
    texts take about 5 % less time."""
    first = w[names[0] + ".weight"]
    joined = torch.is_grad_enabled() and first.dtype == 15
    for name in names:
        joined = joined and name + ".lora_A.weight" not in w and name + ".bias" in w
    if not joined:
        return [taken(linear(w, name, x), rows) for name in names]
    weight = torch.cat([w[name + ".weight"] for name in names])
    bias = torch.cat([w[name + ".bias"] for name in names])
    return taken(torch.linear(x.to(weight.dtype), weight, bias), rows).chunk(len(names), -1)

def linear_gelu(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """gelu of a linear layer: one operation if the weight is packed."""
    weight = w[name + ".weight"]
    if ops.prim.is_mkldnn(weight):
        return ops.mkldnn._linear_pointwise(x.to(weight.dtype), weight, w.get(name + ".bias"), "gelu", [], "none")
    return torch.gelu(linear(w, name, x))

def linear_t(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """The same for GPT-2, which stores its matrices as [in, out]."""
    weight = w[name + ".weight"]
    x = x.to(weight.dtype)
    y = torch.linear(x, weight.t(), w[name + ".bias"].to(weight.dtype))
    down = w.get(name + ".lora_A.weight")
    return y if down is None else y + lora(w, name, x, down)

def lora(w: Dict[str, Tensor], name: str, x: Tensor, down: Tensor) -> Tensor:
    """The low-rank correction of a linear layer: scale B A x; in training, a share of x is dropped."""
    if "lora.dropout" in w:
        x = dropout(w, x, float(w["lora.dropout"]))
    return torch.linear(torch.linear(x, down), w[name + ".lora_B.weight"]) * w["lora.scale"].to(x.dtype)

def input_of(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """x in the precision of a linear layer: converted once if several layers have the same input."""
    return x.to(w[name + ".weight"].dtype)

def layer_norm(w: Dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    weight = w[name + ".weight"]
    if x.is_cuda:       # its kernel takes one precision only
        x = x.to(weight.dtype)
    return torch.layer_norm(x, [x.shape[-1]], weight, w.get(name + ".bias"), eps)

def rms_norm(w: Dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    return torch.rms_norm(x, [x.shape[-1]], w[name + ".weight"], eps)

def kept(w: Dict[str, Tensor], x: Tensor, dropped: int) -> Tensor:
    """1, or 0 for a share of dropped / 256: a mask of random bytes costs a fraction of torch.dropout's. The number `dropout.seed`,
    beside the weights, determines it, and becomes another one. On a GPU it is the generator that stack.py seeds, because a
    program can make no other one there."""
    words = torch.empty([(x.numel() + 7) // 8], dtype=4, device=x.device)       # int64
    lowest = -9223372036854775807 - 1
    if x.is_cuda:
        words.random_(lowest, None)
    else:
        seed = w["dropout.seed"]
        words.random_(lowest, None, generator=torch.Generator(device=x.device, seed=int(seed)))
        seed.add_(1)
    noise = torch.view_copy(words, dtype=0)     # uint8
    return (noise[:x.numel()].view(x.shape) >= dropped).to(x.dtype)

def dropout(w: Dict[str, Tensor], x: Tensor, p: float) -> Tensor:
    """Zeroes a share p of x, to the nearest 1/256, and scales the rest."""
    dropped = int(p * 256.0 + 0.5)
    return x if dropped == 0 else torch.mul(x, kept(w, x, dropped)) * (256.0 / (256 - dropped))

def residual(w: Dict[str, Tensor], h: Tensor, x: Tensor, p: float) -> Tensor:
    """h + dropout(x, p), in the precision of h."""
    dropped = int(p * 256.0 + 0.5)
    if dropped == 0:
        return h + x
    return torch.addcmul(h, x, kept(w, x, dropped), value=256.0 / (256 - dropped))

def attention_drop(p: float, drop: float) -> float:
    """The dropout of attention's weights in a layer: none if the layer has no other dropout."""
    return p if drop > 0.0 else 0.0

def products(x: Tensor, length: int, drop: float) -> bool:
    """Whether attention is computed as separate products of matrices of the precision of x. In bf16 on a CPU, their gradient takes a
    third of the time of that of the fused attention, but the scores of long texts would take too much memory: see
    docs/performance.md. With dropout, because only then the random numbers are our own."""
    return not x.is_cuda and (drop > 0.0 or x.dtype == 15 and length <= 512) and length > 1 and torch.is_grad_enabled()

def bias(seen: Tensor, heads: int, groups: int, like: Tensor, products: bool) -> Tensor:
    """What is added to the scores: 0, or -1e9 for a token that is not `seen`, [batch or 1, 1, length, total]; in the precision
    of a matrix of the model. The products need it for each of the `groups` of heads that share keys: [batch * groups, length of all heads, total],
    without the first dimension if the texts share it."""
    scores = torch.where(seen, 0.0, -1e9).to(like.dtype)
    if not products:
        return scores
    batch, length, total = seen.shape[0], seen.shape[2], seen.shape[3]
    if batch == 1:
        return scores.expand([1, heads // groups, length, total]).reshape(-1, total)
    every = [batch, groups, heads // groups, length, total]
    return scores[:, :, None].expand(every).reshape(batch * groups, -1, total)

def near_bias(at: Tensor, seen: Optional[Tensor], window: int, like: Tensor) -> Tensor:
    """The bias if a token sees only those at most `window` places away, without products. It is made row block by row block: the
    differences of all places of a long text would take several times its memory."""
    batch, length = at.shape
    made = torch.empty([batch, 1, length, length], dtype=like.dtype, device=at.device)
    for a in range(0, length, 256):
        b = min(a + 256, length)
        close = torch.abs(at[:, None, a:b, None] - at[:, None, None, :]) <= window
        if seen is not None:
            close = close & (seen[:, :, a:b] if seen.shape[2] == length else seen)
        made[:, :, a:b] = torch.where(close, 0.0, -1e9).to(like.dtype)
    return made

def attention(w: Dict[str, Tensor], q: Tensor, k: Tensor, v: Tensor, bias: Optional[Tensor], products: bool,
              drop: float) -> Tensor:
    """[batch, length, heads * size] of q, k and v, [batch, heads, length, size]; k and v may have fewer heads if there are
    products. The bias is what `bias` returned, or None if each token sees all. Products drop a share of the weights."""
    batch, heads, length, size = q.shape
    groups, total = k.shape[1], k.shape[2]
    if not products:
        return torch.scaled_dot_product_attention(q, k, v, bias, drop if q.is_cuda else 0.0).transpose(1, 2).flatten(2)
    q = q.reshape(batch * groups, heads // groups * length, size)
    k, v = k.reshape(batch * groups, total, size).transpose(1, 2), v.reshape(batch * groups, total, size)
    nothing = torch.zeros([1, 1, 1], dtype=q.dtype, device=q.device)
    if bias is None:
        scores = torch.baddbmm(nothing, q, k, beta=0, alpha=size ** -0.5)
    else:
        scores = torch.baddbmm(bias, q, k, beta=1, alpha=size ** -0.5)
    scores = torch.softmax(scores, -1)
    dropped = int(drop * 256.0 + 0.5)
    if dropped == 0:
        states = torch.bmm(scores, v)
    else:
        scores = scores * kept(w, scores, dropped)
        states = torch.baddbmm(nothing, scores, v, beta=0, alpha=256.0 / (256 - dropped))
    return states.view(batch, heads, length, size).transpose(1, 2).flatten(2)

def same_text(segments: Tensor, like: Tensor) -> Optional[Tensor]:
    """Where each token may look: at its own text, [batch, 1, length, length]; None if that is everywhere. On a GPU without packed
    texts only padding is hidden, [batch, 1, 1, length]. The segments are on the host, the result is on the device of `like`."""
    if bool((segments == 1).all()):
        return None
    there = host.moved(segments, like)
    if like.is_cuda and bool((segments <= 1).all()):
        return there[:, None, None, :] > 0
    return there[:, None, :, None] == there[:, None, None, :]

def cross_entropy(scores: Tensor, labels: Tensor, batch: Dict[str, Tensor]) -> Tensor:
    """The mean over the labels other than -100; the batch may contain class weights and a label smoothing."""
    share = float(host.asked(batch, "smoothing")) if "smoothing" in batch else 0.0
    return torch.cross_entropy_loss(scores, labels, batch.get("weights"), 1, -100, share)

def positions(segments: Tensor) -> Tensor:
    """Place of each token within its own segment: counting restarts where the segment number changes."""
    at = torch.arange(segments.shape[1], device=segments.device).expand_as(segments)
    starts = torch.where(segments[:, 1:] != segments[:, :-1], at[:, 1:], 0)
    starts = torch.cat([at[:, :1], starts], 1)
    return at - torch.cummax(starts, 1)[0]

def chosen(mask: Tensor, like: Tensor) -> Tensor:
    """The places where a mask on the host is true, in order, on the device of `like`."""
    return host.moved(mask.flatten().nonzero()[:, 0], like)

def real(segments: Tensor, like: Tensor) -> Optional[Tensor]:
    """The places of the tokens that are no padding, in order, if one of twenty places or more is padding: linear layers, norms
    and activations are then computed for these tokens alone. With less padding, the copies would cost more than it."""
    places = chosen(segments > 0, like)
    return places if places.shape[0] * 20 <= segments.numel() * 19 else None

def rows_of(places: Optional[Tensor], segments: Tensor) -> Optional[Tensor]:
    """For each place the row of its token among the real ones; for padding that of any token."""
    return None if places is None else (torch.cumsum((segments.flatten() > 0).long(), 0) - 1).clamp(0)

def taken(x: Tensor, rows: Optional[Tensor]) -> Tensor:
    """These rows of a matrix, or all; the backward of indexing is slow."""
    return x if rows is None else torch.embedding(x, rows)

def starts(segments: Tensor) -> Tensor:
    """True at the first token of every text."""
    return (positions(segments) == 0) & (segments > 0)

def means(h: Tensor, segments: Tensor) -> Tensor:
    """The mean of the tokens of every text, [texts, hidden]. The segments are on the host."""
    text = torch.cumsum(starts(segments).flatten().long(), 0) - 1
    real = segments.flatten() > 0
    text = text[real]
    counts = torch.bincount(text).float()
    sums = torch.zeros([counts.shape[0], h.shape[-1]], dtype=6, device=h.device)        # float32
    states = taken(h.flatten(0, 1), chosen(real, h)).float()
    return torch.index_add(sums, 0, host.moved(text, h), states) / host.moved(counts, h)[:, None]

def angles(at: Tensor, size: int, theta: float) -> Tuple[Tensor, Tensor]:
    """Cosine and sine for rotary positions, [batch, 1, length, size]."""
    rate = theta ** (torch.arange(0, size, 2, device=at.device) / -float(size))
    angle = at[:, None, :, None].float() * rate
    angle = torch.cat([angle, angle], -1)
    return torch.cos(angle), torch.sin(angle)

def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = x.chunk(2, -1)      # slices have a slow backward
    turned = torch.cat([-high, low], -1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)
