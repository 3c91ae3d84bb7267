import host, ragged, sampling

# GPT-2, as gpt2.py computes it, for generation: new tokens of several texts, each with a cache.
class Gpt2Step(Module):
    depth : int
    heads : int
    eps : float
    frozen : int

    def prepare(self, w: Dict[str, Tensor], bf16: bool, packed: bool) -> Dict[str, Tensor]:
        """The weights in the form that the other methods need."""
        out: Dict[str, Tensor] = {}
        for i in range(self.depth):
            name = "h.{}.".format(i)
            for layer in ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]:
                ragged.put(out, w, name + layer, [name + layer], True, bf16, packed)
            for norm in ["ln_1", "ln_2"]:
                out[name + norm + ".weight"] = w[name + norm + ".weight"].clone()
                out[name + norm + ".bias"] = w[name + norm + ".bias"].clone()
        out["ln_f.weight"], out["ln_f.bias"] = w["ln_f.weight"].clone(), w["ln_f.bias"].clone()
        out["wpe"] = w["wpe.weight"].clone()
        out["embed"] = w["wte.weight"].to(15) if bf16 else w["wte.weight"].clone()
        ragged.put(out, w, "head", ["lm_head" if "lm_head.weight" in w else "wte"], False, bf16, packed)
        return out

    def packed(self) -> Tensor:
        return ragged.pack(torch.ones([16, 16]), False, True)

    def cache(self, w: Dict[str, Tensor], room: int) -> Tensor:
        return ragged.cache(self.depth, self.heads, room, w["wpe"].shape[1] // self.heads, w["embed"])

    def norm(self, w: Dict[str, Tensor], name: str, h: Tensor) -> Tensor:
        return torch.layer_norm(h, [h.shape[1]], w[name + ".weight"], w[name + ".bias"], self.eps)

    def hidden(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor]) -> Tensor:
        """The states of all new tokens, [tokens, hidden]."""
        h = torch.embedding(w["embed"], ids).float() + torch.embedding(w["wpe"], at)
        split = [h.shape[0], -1, h.shape[1] // self.heads]
        seen = ragged.masks(rows, 0, w["embed"])
        for i in range(self.depth):
            name = "h.{}.".format(i)
            x = ragged.linear(w, name + "attn.c_attn", self.norm(w, name + "ln_1", h)).view(split)
            x = ragged.attend(x[:, :self.heads], x[:, self.heads:], caches, i, rows, 0, seen)
            h = h + ragged.linear(w, name + "attn.c_proj", x)
            x = ragged.linear(w, name + "mlp.c_fc", self.norm(w, name + "ln_2", h))
            h = h + ragged.linear(w, name + "mlp.c_proj", torch.gelu(x, approximate="tanh"))
        return h

    def scores(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor],
               wanted: Tensor) -> Tensor:
        """Scores over the vocabulary of the token after each of the `wanted` new tokens."""
        like = w["embed"]
        h = self.hidden(w, host.moved(ids, like), host.moved(at, like), rows, caches)[host.moved(wanted, like)]
        return ragged.linear(w, "head", self.norm(w, "ln_f", h)).float()

    def step(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor], wanted: Tensor,
             options: Tensor, likeliest: int) -> List[Tensor]:
        return sampling.choose(self.scores(w, ids, at, rows, caches, wanted), options, likeliest)
