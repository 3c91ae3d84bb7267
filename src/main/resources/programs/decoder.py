# Shared parts of all causal language models: attention, the cache, the scores of the next token, the loss.
import layers, vocabulary

# The states of every token, [batch, length, hidden], the scores of given states, and the matrix that computes them.
class Decoder(ModuleInterface):
    def hidden(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], past: Optional[List[Tensor]], drop: float) -> Tensor:
        pass

    def logits(self, w: Dict[str, Tensor], h: Tensor) -> Tensor:
        pass

    def output(self, w: Dict[str, Tensor]) -> Tensor:
        pass

def visible(segments: Tensor, length: int, window: int) -> Optional[Tensor]:
    """Where each of the last `length` tokens may look: backwards, within its segment, with a `window` (0: none) at itself
    and the window - 1 tokens before it, [batch, 1, length, total]. None if plain causal attention is
    enough, for which there are fast kernels. Segment 0 is padding, 1 a text, packed texts are numbered 1, 2, 3, ..."""
    total = segments.shape[1]
    if length == total or length == 1:
        near = window == 0 or total <= window
        plain = (segments == segments[:, :1]) | (segments == 0)     # no token looks at padding on the right
        if near and bool((plain & (segments[:, :1] > 0)).all()):
            return None
    at = torch.arange(total, device=segments.device)
    back = at[-length:, None] - at[None, :]
    seen = (back >= 0) & (segments[:, -length:, None] == segments[:, None, :])
    if window > 0:
        seen = seen & (back < window)
    return seen[:, None]

def mask(seen: Optional[Tensor], length: int, total: int, heads: int, groups: int, like: Tensor) -> Optional[Tensor]:
    """What `attend` needs of what `visible` returned, in the precision of a matrix of the model."""
    if not layers.products(like, length, total):
        return seen
    if seen is None:
        at = torch.arange(total, device=like.device)
        seen = (at[-length:, None] >= at[None, :])[None, None]
    return layers.bias(seen, heads, groups, like)

def attend(q: Tensor, k: Tensor, v: Tensor, seen: Optional[Tensor]) -> Tensor:
    """[batch, length, heads * size] of q, k and v, [batch, heads, length, size]; each head of k and v serves several
    neighbouring heads of q."""
    batch, heads, length, size = q.shape
    if layers.products(q, length, k.shape[2]):
        return layers.attention(q, k, v, seen)
    served = heads // k.shape[1]
    if length == 1:     # the heads that share keys become the length: nothing is copied
        q = q.reshape(batch, k.shape[1], served, size)
        return torch.scaled_dot_product_attention(q, k, v, seen).reshape(batch, 1, heads * size)
    if served > 1:
        every = [batch, k.shape[1], served, k.shape[2], size]      # repeat_interleave has a slow backward
        k = k[:, :, None].expand(every).flatten(1, 2)
        v = v[:, :, None].expand(every).flatten(1, 2)
    return torch.scaled_dot_product_attention(q, k, v, seen, 0.0, seen is None).transpose(1, 2).flatten(2)

def remember(past: Optional[List[Tensor]], i: int, new: Tensor) -> Tensor:
    """The i-th cached tensor (keys and values, [batch, heads, length, size]) with the new tokens appended."""
    if past is None:
        return new
    if i < len(past):
        new = torch.cat([past[i], new], 2)
        past[i] = new
    else:
        past.append(new)
    return new

def loss(model: Decoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """Mean over the labelled tokens, each predicted by the one before it in its segment; labels of -100, and of the first
    token of a segment, do not count. Scores are computed only for tokens with a target."""
    labels, segments = batch["labels"].long(), batch["segments"]
    targets = torch.full_like(labels, -100)
    targets[:, :-1] = labels[:, 1:].masked_fill(segments[:, 1:] != segments[:, :-1], -100)
    targets = targets.flatten()
    rows = (targets != -100).nonzero()[:, 0]
    h = torch.embedding(model.hidden(w, batch, None, drop).flatten(0, 1), rows)     # the backward of indexing is slow
    return vocabulary.loss(h, model.output(w), None, targets[rows])
