import host, ragged, sampling

# Llama and the models built like it, as llama.py computes them, for generation: new tokens of several texts, each with a
# cache. The query, key and value layers are one layer here, and so are gate and up.
class LlamaStep(Module):
    depth : int
    size : int
    eps : float
    window : int
    windowed : int
    theta : float
    stretch : float
    stretch_low : float
    stretch_high : float
    original : float
    frozen : int

    def prepare(self, w: Dict[str, Tensor], bf16: bool, packed: bool) -> Dict[str, Tensor]:
        """The weights in the form that the other methods need."""
        out: Dict[str, Tensor] = {}
        for i in range(self.depth):
            name = "layers.{}.".format(i)
            a, m = name + "self_attn.", name + "mlp."
            ragged.put(out, w, name + "qkv", [a + "q_proj", a + "k_proj", a + "v_proj"], False, bf16, packed)
            ragged.put(out, w, name + "o", [a + "o_proj"], False, bf16, packed)
            ragged.put(out, w, name + "gate_up", [m + "gate_proj", m + "up_proj"], False, bf16, packed)
            ragged.put(out, w, name + "down", [m + "down_proj"], False, bf16, packed)
            out[name + "before"] = w[name + "input_layernorm.weight"].clone()
            out[name + "between"] = w[name + "post_attention_layernorm.weight"].clone()
            if a + "q_norm.weight" in w:
                out[name + "q_norm"] = w[a + "q_norm.weight"].clone()
                out[name + "k_norm"] = w[a + "k_norm.weight"].clone()
        out["norm"] = w["norm.weight"].clone()
        out["embed"] = w["embed_tokens.weight"].to(15) if bf16 else w["embed_tokens.weight"].clone()
        ragged.put(out, w, "head", ["lm_head" if "lm_head.weight" in w else "embed_tokens"], False, bf16, packed)
        # An architecture has as many heads of keys as the rows of its key layer tell.
        out["heads"] = torch.tensor([w["layers.0.self_attn.q_proj.weight"].shape[0] // self.size,
                                     w["layers.0.self_attn.k_proj.weight"].shape[0] // self.size])
        return out

    def packed(self) -> Tensor:
        return ragged.pack(torch.ones([16, 16]), False, True)

    def cache(self, w: Dict[str, Tensor], room: int) -> Tensor:
        return ragged.cache(self.depth, int(w["heads"][1]), room, self.size, w["embed"])

    def angles(self, at: Tensor) -> Tuple[Tensor, Tensor]:
        """Cosine and sine for positions, [tokens, 1, size]; the sine is negative in its first half, as `rotate` needs it."""
        rate = 1.0 / self.theta ** (torch.arange(0, self.size, 2, device=at.device).float() / float(self.size))
        if self.stretch != 1.0:
            turns = self.original * rate / 6.283185307179586
            kept = ((turns - self.stretch_low) / (self.stretch_high - self.stretch_low)).clamp(0.0, 1.0)
            rate = rate * ((1.0 - kept) / self.stretch + kept)
        angle = at[:, None, None].float() * rate
        cos, sin = torch.cos(angle), torch.sin(angle)
        return torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)

    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        return torch.addcmul(x * cos, torch.roll(x, [self.size // 2], [2]), sin)

    def hidden(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor]) -> Tensor:
        """The states of all new tokens, [tokens, hidden]."""
        h = torch.embedding(w["embed"], ids).float()
        hidden = [h.shape[1]]
        heads, shared = int(w["heads"][0]), int(w["heads"][1])
        cos, sin = self.angles(at)
        limited = self.window > 0
        near = ragged.masks(rows, self.window, w["embed"]) if limited else []
        seen = near if limited and self.windowed == 0 else ragged.masks(rows, 0, w["embed"])
        for i in range(self.depth):
            name = "layers.{}.".format(i)
            x = ragged.linear(w, name + "qkv", torch.rms_norm(h, hidden, w[name + "before"], self.eps))
            x = x.float().view([x.shape[0], -1, self.size])
            q, k, v = x[:, :heads], x[:, heads:heads + shared], x[:, heads + shared:]
            if name + "q_norm" in w:
                q = torch.rms_norm(q, [self.size], w[name + "q_norm"], self.eps)
                k = torch.rms_norm(k, [self.size], w[name + "k_norm"], self.eps)
                qk = self.rotate(torch.cat([q, k], 1), cos, sin)
            else:
                qk = self.rotate(x[:, :heads + shared], cos, sin)
            kv = torch.cat([qk[:, heads:], v], 1)
            q = qk[:, :heads].to(w["embed"].dtype)
            if limited and i >= self.windowed:
                x = ragged.attend(q, kv, caches, i, rows, self.window, near)
            else:
                x = ragged.attend(q, kv, caches, i, rows, 0, seen)
            h = h + ragged.linear(w, name + "o", x)
            x = ragged.linear(w, name + "gate_up", torch.rms_norm(h, hidden, w[name + "between"], self.eps))
            gate, up = x.chunk(2, 1)
            h = h + ragged.linear(w, name + "down", torch.silu(gate) * up)
        return h

    def scores(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor],
               wanted: Tensor) -> Tensor:
        """Scores over the vocabulary of the token after each of the `wanted` new tokens."""
        like = w["embed"]
        h = self.hidden(w, host.moved(ids, like), host.moved(at, like), rows, caches)[host.moved(wanted, like)]
        return ragged.linear(w, "head", torch.rms_norm(h, [h.shape[1]], w["norm"], self.eps)).float()

    def step(self, w: Dict[str, Tensor], ids: Tensor, at: Tensor, rows: List[int], caches: List[Tensor], wanted: Tensor,
             options: Tensor, likeliest: int) -> List[Tensor]:
        return sampling.choose(self.scores(w, ids, at, rows, caches, wanted), options, likeliest)
