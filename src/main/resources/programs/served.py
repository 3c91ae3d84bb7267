# The weights of a model that is only computed, not trained.
class Served(Module):
    def prepare(self, w: Dict[str, Tensor], linear: Dict[str, Tensor], packed: bool) -> Dict[str, Tensor]:
        """All weights, those of linear layers in bfloat16. The packed form of a matrix saves its conversion in each call, which
        takes most of the time for few tokens; it exists only on a CPU."""
        out = w.copy()
        for name, x in linear.items():
            x = x.to(15)
            out[name] = ops.mkldnn._reorder_linear_weight(x, 1) if packed and x.dim() == 2 else x
        return out

    def packed(self) -> Tensor:
        return ops.mkldnn._reorder_linear_weight(torch.ones([16, 16]).to(15), 1)
