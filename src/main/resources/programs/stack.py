# The layers of a model, one after the other. With checkpointing, a step of training keeps only the states between them and
# computes each layer again in the backward pass (https://arxiv.org/abs/1604.06174).

# `layer` returns the states after layer i, given those before it and what all layers read, by name.
class Stack(ModuleInterface):
    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        pass

def seed(w: Dict[str, Tensor], i: int) -> None:
    """Determines the random numbers of layer i, which are the same if the layer is computed again: those of `kept`, and those of
    the fused attention of a GPU."""
    if "dropout.seed" in w:
        seed = w["seed"] + 256 * (i + 1)
        w["dropout.seed"].copy_(seed)
        torch.manual_seed(int(seed))

def run(model: Stack, w: Dict[str, Tensor], batch: Dict[str, Tensor], h: Tensor, context: Dict[str, Tensor], first: int,
        last: int, frozen: int, drop: float) -> Tensor:
    """The states after the layers from `first` to before `last`; the `frozen` lowest have no dropout. With `checkpointing` in
    the batch they have no history, and the batch keeps what `backward` needs."""
    if "checkpointing" not in batch:
        for i in range(first, last):
            seed(w, i)
            h = model.layer(w, i, h, context, 0.0 if i < frozen else drop)
        return h
    assert "stack.end" not in batch, "with checkpointing, an objective computes a batch once"
    for name, x in context.items():
        batch["context." + name] = x
    batch["stack.start"] = h
    constants: Dict[str, Tensor] = {}       # as gradients stay enabled, layers compute as in `backward`
    for name, x in w.items():
        constants[name] = x.detach()
    x = h.detach()
    for i in range(first, last):
        batch["stack.{}".format(i)] = x
        seed(w, i)
        x = model.layer(constants, i, x, context, 0.0 if i < frozen else drop)
    x = x.detach().requires_grad_(True)
    batch["stack.end"], batch["stack.last"] = x, torch.tensor(last)
    return x

def add(sums: List[Optional[Tensor]], found: List[Optional[Tensor]], skipped: int) -> List[Optional[Tensor]]:
    out: List[Optional[Tensor]] = []
    for i in range(len(sums)):
        a, b = sums[i], found[i + skipped]
        if a is not None and b is not None:
            out.append(a + b)
        else:
            out.append(b if a is None else a)
    return out

def backward(model: Stack, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor], loss: Tensor, frozen: int,
             drop: float) -> List[Optional[Tensor]]:
    """The gradients of a loss whose states `run` computed with checkpointing."""
    start, end = batch["stack.start"], batch["stack.end"]
    context: Dict[str, Tensor] = {}
    for name, x in batch.items():
        if name.startswith("context."):
            context[name[8:]] = x
    found = torch.grad([loss], [end] + trained, allow_unused=True)
    g = found[0]
    sums = found[1:]
    i = int(batch["stack.last"]) - 1
    lowest = 0 if start.requires_grad else frozen       # below, nothing is trained
    while g is not None and i >= lowest and "stack.{}".format(i) in batch:
        learns = i > lowest or start.requires_grad
        x = batch.pop("stack.{}".format(i)).detach().requires_grad_(learns)
        seed(w, i)
        y = model.layer(w, i, x, context, 0.0 if i < frozen else drop)
        of_y: List[Optional[Tensor]] = [g]
        found = torch.grad([y], [x] + trained if learns else trained, of_y, allow_unused=True)
        sums = add(sums, found, 1 if learns else 0)
        g = found[0] if learns else None
        i -= 1
    if g is not None and start.requires_grad:
        of_start: List[Optional[Tensor]] = [g]
        sums = add(sums, torch.grad([start], trained, of_start, allow_unused=True), 0)
    return sums
