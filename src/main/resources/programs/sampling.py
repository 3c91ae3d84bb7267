import host

# The choice of the next token of each text. A choice does not depend on the other texts: probabilities are compared with
# thresholds, never by their order, which is undefined among equals.

def choose(scores: Tensor, options: Tensor, likeliest: int) -> List[Tensor]:
    """One token per row of scores, [rows, vocabulary], -1 if the scores are not numbers. `options`, on the host, has for each
    row the temperature (0: the best token), top_k (0: all), top_p, and a number from 0 to 1 that decides. With
    `likeliest` >= 0 the log probability of the token follows, then so many of the likeliest tokens and their log
    probabilities."""
    best, token = torch.max(scores, -1)
    warm = options[:, 0] > 0.0001
    if bool(warm.any()):
        token = torch.where(host.moved(warm, scores), sampled(scores, options, warm), token)
    out = [torch.where(torch.isfinite(best), token, -1)]
    if likeliest >= 0:
        known = torch.log_softmax(scores, -1)
        top, ids = torch.topk(known, min(likeliest, scores.shape[1]))
        out += [known.gather(1, token[:, None])[:, 0], ids, top]
    return out

def sampled(scores: Tensor, options: Tensor, warm: Tensor) -> Tensor:
    count = scores.shape[1]
    heat = torch.where(warm, options[:, :1].squeeze(1), 1.0).to(scores.dtype)
    p = torch.softmax(scores / host.moved(heat, scores)[:, None], -1)
    k, share = options[:, 1].long().clamp(0, count), options[:, 2].to(scores.dtype)
    share = torch.where(warm, share, 1.0)
    k = torch.where(warm, k, 0)
    if bool(((k > 0) | (share < 1.0)).any()):
        shared = bool((share < 1.0).any())
        most = max(int(k.max()), min(count, 1024) if shared else 1)
        best = torch.topk(p, most)[0]
        k, share = host.moved(k, scores), host.moved(share, scores)
        # A flat row needs all of them in order.
        if shared and bool(((k == 0) & (share < 1.0) & (best.sum(-1) < share)).any()):
            best = torch.topk(p, count)[0]
        floor = floors(best, k, share)
        p = p.masked_fill(p < floor[:, None], 0.0)
    sums = torch.cumsum(p, -1)
    draw = host.moved(options[:, 3].to(sums.dtype), scores) * sums[:, -1]
    return torch.searchsorted(sums, draw[:, None], right=True)[:, 0].clamp(0, count - 1)

def floors(best: Tensor, k: Tensor, share: Tensor) -> Tensor:
    """The least probability that may be drawn: that of the k-th of the `best`, which are in order, or of the last that is
    needed to make up a share of the k best."""
    last = torch.where(k > 0, k, best.shape[1]) - 1
    sums = torch.cumsum(best, -1)
    whole = torch.where(k > 0, sums.gather(1, last[:, None])[:, 0], 1.0)
    limited = share < 1.0
    needed = ((sums - best) < (share * whole)[:, None]).long().sum(-1).clamp(1, best.shape[1]) - 1
    needed = torch.minimum(needed, last)
    floor = best.gather(1, torch.where(limited, needed, last)[:, None])[:, 0]
    return torch.where(limited | (k > 0), floor, 0.0)
