# What the programs that generate share. The tokens of several texts form one list, [tokens, hidden], without padding; only
# attention keeps the texts apart. Each text has a cache, [layers, 2 * heads of keys, room, size]: keys, then values.

def pack(weight: Tensor, bf16: bool, packed: bool) -> Tensor:
    """A matrix, [out, in], as `linear` reads it. The packed form is fast for few tokens, and a token's result has the same
    bits whatever other tokens are computed with it; it exists only on a CPU."""
    weight = weight.to(15) if bf16 else weight
    return ops.mkldnn._reorder_linear_weight(weight.contiguous(), 1) if packed else weight.contiguous()

def put(out: Dict[str, Tensor], w: Dict[str, Tensor], name: str, parts: List[str], turned: bool, bf16: bool,
        packed: bool) -> None:
    """Adds one layer that computes what the layers `parts` compute side by side; `turned` if they are stored as [in, out]."""
    weights: List[Tensor] = []
    biases: List[Tensor] = []
    for part in parts:
        weight = w[part + ".weight"]
        weights.append(weight.t() if turned else weight)
        if part + ".bias" in w:
            biases.append(w[part + ".bias"])
    out[name + ".weight"] = pack(torch.cat(weights), bf16, packed)
    if len(biases) > 0:
        out[name + ".bias"] = torch.cat(biases).to(15) if bf16 else torch.cat(biases)

def linear(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    weight, bias = w[name + ".weight"], w.get(name + ".bias")
    x = x.to(weight.dtype)
    if ops.prim.is_mkldnn(weight):
        return ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return torch.linear(x, weight, bias)

def cache(layers: int, heads: int, room: int, size: int, like: Tensor) -> Tensor:
    """Memory for so many tokens, which the system provides page by page as tokens are written."""
    return torch.empty([layers, 2 * heads, room, size], dtype=like.dtype, device=like.device)

def masks(rows: List[int], window: int, like: Tensor) -> List[Tensor]:
    """What is added to the scores of each text's new tokens, [new, seen]; empty if all are seen or plain causal attention
    is enough. `rows` has, for each text, how many tokens are new and how many are cached."""
    out: List[Tensor] = []
    for r in range(len(rows) // 2):
        new, past = rows[2 * r], rows[2 * r + 1]
        begin = first(past, window)
        if new == 1 or (past == 0 and (window == 0 or new <= window)):
            out.append(torch.empty([0], device=like.device))
        else:
            size = [new, past + new - begin]
            mask = torch.full(size, -float("inf"), dtype=like.dtype, device=like.device).triu_(past - begin + 1)
            if window > 0:
                mask += torch.full(size, -float("inf"), dtype=like.dtype, device=like.device).tril_(past - begin - window)
            out.append(mask)
    return out

def first(past: int, window: int) -> int:
    """The first cached token that the first new token sees."""
    return 0 if window == 0 else max(0, past + 1 - window)

def attend(q: Tensor, kv: Tensor, caches: List[Tensor], i: int, rows: List[int], window: int, masks: List[Tensor]) -> Tensor:
    """Attention of layer i, [tokens, heads * size], of q, [tokens, heads, size], to the cached tokens and the new ones, whose
    keys and values, [tokens, 2 * heads of keys, size], are added to the caches."""
    out: List[Tensor] = []
    size = q.shape[2]
    shared = kv.shape[1] // 2
    served = q.shape[1] // shared
    start = 0
    for r in range(len(caches)):
        new, past = rows[2 * r], rows[2 * r + 1]
        total, begin = past + new, first(past, window)
        known = caches[r][i]
        known[:, past:total].copy_(kv[start:start + new].transpose(0, 1))
        k, v = known[:shared, begin:total], known[shared:, begin:total]
        if new == 1:        # the heads that share keys become the length
            one = q[start].view([1, shared, served, size])
            out.append(torch.scaled_dot_product_attention(one, k[None], v[None]).reshape([1, -1]))
        else:               # they become the batch: nothing is copied
            every = [served, shared, total - begin, size]
            many = q[start:start + new].view([new, shared, served, size]).permute(2, 1, 0, 3)
            mask = masks[r] if masks[r].numel() > 0 else None
            many = torch.scaled_dot_product_attention(many, k.expand(every), v.expand(every), mask, 0.0, mask is None)
            out.append(many.permute(2, 1, 0, 3).reshape([new, -1]))
        start += new
    return torch.cat(out) if len(out) > 1 else out[0]
