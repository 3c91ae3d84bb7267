# The loss and the gradients of any model. The objective says which methods of the model it needs: its class Trainable.
import objective

def gradients(model: objective.Trainable, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor],
              drop: float, adapter_drop: float) -> List[Tensor]:
    """The loss of a batch, then its gradient by each of `trained`. A model computes in the precision of its matrices."""
    torch.set_grad_enabled(True)        # grad mode is per thread, and off in a fresh one
    if adapter_drop > 0.0:
        w = w.copy()
        w["lora.dropout"] = torch.tensor(adapter_drop)
    loss = objective.loss(model, w, batch, drop)
    found = torch.grad([loss], trained)
    torch.set_grad_enabled(False)
    out = [loss.detach()]
    for x in found:
        assert x is not None, "a trained parameter takes no part in the loss"
        out.append(x)
    return out
