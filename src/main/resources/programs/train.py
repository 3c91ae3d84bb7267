# The loss and the gradients of any model. The objective says which methods of the model it needs: its class Trainable.
import objective

def rounded(model: objective.Trainable, w: Dict[str, Tensor], adapter_drop: float, bf16: bool) -> Dict[str, Tensor]:
    """The weights as one step uses them: with bf16 the matrices of linear layers are rounded to bfloat16, and gradients reach
    the originals in fp32; embeddings, which a language model's head shares, are not."""
    out: Dict[str, Tensor] = {}
    for name, x in w.items():
        linear = x.dim() == 2 and not model.is_embedding(name)
        out[name] = x.to(15) if bf16 and linear else x
    if adapter_drop > 0.0:
        out["lora.dropout"] = torch.tensor(adapter_drop)
    return out

def gradients(model: objective.Trainable, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor],
              drop: float, adapter_drop: float, bf16: bool) -> List[Tensor]:
    """The loss of a batch, then its gradient by each of `trained`."""
    torch.set_grad_enabled(True)        # grad mode is per thread, and off in a fresh one
    loss = objective.loss(model, rounded(model, w, adapter_drop, bf16), batch, drop)
    found = torch.grad([loss], trained)
    torch.set_grad_enabled(False)
    out = [loss.detach()]
    for x in found:
        assert x is not None, "a trained parameter takes no part in the loss"
        out.append(x)
    return out
