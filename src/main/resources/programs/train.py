# The loss and the gradients of any model. The objective says which methods of the model it needs: its class Trainable.
import objective, stack

def gradients(model: objective.Trainable, layers: stack.Stack, w: Dict[str, Tensor], trained: List[Tensor],
              batch: Dict[str, Tensor], seed: int, frozen: int, drop: float, adapter_drop: float,
              checkpointing: bool) -> List[Tensor]:
    """The loss of a batch, then its gradient by each of `trained`. A model computes in the precision of its matrices. The seed
    determines what is dropped."""
    torch.set_grad_enabled(True)        # grad mode is per thread, and off in a fresh one
    w, batch = w.copy(), batch.copy()
    w["seed"], w["dropout.seed"] = torch.tensor(seed), torch.tensor(seed)
    torch.manual_seed(seed)
    if adapter_drop > 0.0:
        w["lora.dropout"] = torch.tensor(adapter_drop)
    if checkpointing:
        batch["checkpointing"] = w["seed"]
    loss = objective.loss(model, w, batch, drop)
    if "stack.end" in batch:
        found = stack.backward(layers, w, trained, batch, loss, frozen, drop)
    else:
        found = torch.grad([loss], trained)
    torch.set_grad_enabled(False)
    out = [loss.detach()]
    for x in found:
        assert x is not None, "a trained parameter takes no part in the loss"
        out.append(x)
    return out
