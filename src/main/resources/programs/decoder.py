# Shared parts of all causal language models in training: attention and the loss.
import host, layers, vocabulary

# The states of every token, [batch, length, hidden], the scores of given states, and the matrix that computes them.
class Decoder(ModuleInterface):
    def hidden(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

    def logits(self, w: Dict[str, Tensor], h: Tensor) -> Tensor:
        pass

    def output(self, w: Dict[str, Tensor]) -> Tensor:
        pass

def visible(batch: Dict[str, Tensor], window: int) -> Optional[Tensor]:
    """Where each token may look: backwards, within its segment, with a `window` (0: none) at itself and the window - 1 tokens
    before it, [batch, 1, length, length]. None if plain causal attention is enough, for which there are fast kernels.
    Segment 0 is padding, 1 a text, packed texts are numbered 1, 2, 3, ..."""
    segments, asked = batch["segments"], host.asked(batch, "segments")
    length = segments.shape[1]
    if window == 0 or length <= window:
        plain = (asked == asked[:, :1]) | (asked == 0)      # no token looks at padding on the right
        if bool((plain & (asked[:, :1] > 0)).all()):
            return None
    at = torch.arange(length, device=segments.device)
    back = at[:, None] - at[None, :]
    seen = (back >= 0) & (segments[:, :, None] == segments[:, None, :])
    if window > 0:
        seen = seen & (back < window)
    return seen[:, None]

def mask(seen: Optional[Tensor], length: int, heads: int, groups: int, like: Tensor, products: bool) -> Optional[Tensor]:
    """What `attend` needs of what `visible` returned, in the precision of a matrix of the model."""
    if not products:
        return seen
    if seen is None:
        at = torch.arange(length, device=like.device)
        seen = (at[:, None] >= at[None, :])[None, None]
    return layers.bias(seen, heads, groups, like, True)

def attend(w: Dict[str, Tensor], q: Tensor, k: Tensor, v: Tensor, seen: Optional[Tensor], products: bool, drop: float) -> Tensor:
    """[batch, length, heads * size] of q, k and v, [batch, heads, length, size]; each head of k and v serves several
    neighbouring heads of q."""
    batch, heads, length, size = q.shape
    if products:
        return layers.attention(w, q, k, v, seen, True, drop)
    served = heads // k.shape[1]
    if served > 1:
        every = [batch, k.shape[1], served, k.shape[2], size]      # repeat_interleave has a slow backward
        k = k[:, :, None].expand(every).flatten(1, 2)
        v = v[:, :, None].expand(every).flatten(1, 2)
    drop = drop if q.is_cuda else 0.0
    return torch.scaled_dot_product_attention(q, k, v, seen, drop, seen is None).transpose(1, 2).flatten(2)

def targets_of(batch: Dict[str, Tensor]) -> Tensor:
    """The token that each token predicts, on the host, [batch * length]; -100 if it has no label or begins a segment."""
    labels, segments = host.asked(batch, "labels").long(), host.asked(batch, "segments")
    targets = torch.full_like(labels, -100)
    targets[:, :-1] = labels[:, 1:].masked_fill(segments[:, 1:] != segments[:, :-1], -100)
    return targets.flatten()

def figures(model: Decoder, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
    """For each token the loss of the one that it predicts, 1 if the model prefers that one, else 0, and the preferred one; -1 for all
    of them if it predicts none, [3, batch * length]."""
    targets = targets_of(batch)
    learned = targets != -100
    h = model.hidden(w, batch, 0.0).flatten(0, 1)
    places = layers.chosen(learned, h)
    found = vocabulary.figures(layers.taken(h, places), model.output(w), host.moved(targets[learned], h))
    every = torch.full([3, targets.shape[0]], -1.0, dtype=6, device=h.device)
    every[:, places] = found
    return every

def loss(model: Decoder, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
    """Mean over the labelled tokens, each predicted by the one before it in its segment; labels of -100, and of the first
    token of a segment, do not count. Scores are computed only for tokens with a target."""
    targets = targets_of(batch)
    learned = targets != -100
    h = model.hidden(w, batch, drop).flatten(0, 1)
    h = layers.taken(h, layers.chosen(learned, h))
    return vocabulary.loss(h, model.output(w), None, host.moved(targets[learned], h))
