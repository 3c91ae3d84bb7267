# One training step of any model.

class Trainable(ModuleInterface):
    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        pass

def matrices_in_bf16(w: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """The same weights, the matrices of linear layers rounded to bfloat16; gradients reach the originals in fp32."""
    out: Dict[str, Tensor] = {}
    for name, x in w.items():
        linear = x.dim() == 2 and name.find("embeddings") < 0
        out[name] = x.to(15) if linear else x
    return out

def step(model: Trainable, w: Dict[str, Tensor], decayed: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor],
         plain: List[Tensor], plain_m: List[Tensor], plain_v: List[Tensor], plain_t: List[Tensor],
         batch: Dict[str, Tensor], drop: float, lr: float, decay: float, clip: float, bf16: bool) -> Tensor:
    """One AdamW update of `decayed`, which weight decay pulls to 0, and of `plain` (m, v, t: their moments and step
    counts); the gradient is scaled down to the norm `clip`. Returns the loss and the norm.
    The lists come from the caller: in-place operators do nothing on a list made here."""
    torch.set_grad_enabled(True)        # grad mode is per thread, and off in a fresh one
    loss = model.loss(matrices_in_bf16(w) if bf16 else w, batch, drop)
    found = torch.grad([loss], decayed + plain)
    torch.set_grad_enabled(False)
    g: List[Tensor] = []
    for x in found:
        assert x is not None, "a trained parameter takes no part in the loss"
        g.append(x)
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)))
    shrink = torch.clamp((norm + 1e-6) / clip, 1.0)
    torch._foreach_add_(t, 1)
    torch._foreach_add_(plain_t, 1)
    torch._fused_adamw_(decayed, g[:len(decayed)], m, v, [], t, lr=lr, beta1=0.9, beta2=0.999, weight_decay=decay, eps=1e-8,
                        amsgrad=False, maximize=False, grad_scale=shrink)
    torch._fused_adamw_(plain, g[len(decayed):], plain_m, plain_v, [], plain_t, lr=lr, beta1=0.9, beta2=0.999,
                        weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False, grad_scale=shrink)
    return torch.stack([loss.detach(), norm])
