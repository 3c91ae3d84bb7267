import decoder, layers, stack, train

# Llama and the models built like it (Qwen2, Qwen3, Mistral): RMSNorm, rotary positions, grouped-query attention, SwiGLU.
# Weights have the names of transformers' LlamaModel; a model may lack biases and the norms of heads.
class Llama(Module):
    depth : int
    size : int              # of a head
    eps : float             # of RMSNorm
    window : int            # how far a token looks in the layers from `windowed` on; 0: to the start
    windowed : int
    theta : float           # base of the rotary wavelengths
    stretch : float         # Llama 3's factor for long wavelengths; 1: none
    stretch_low : float     # wavelengths over original / stretch_low are stretched, those under original / stretch_high not,
    stretch_high : float    # those between in part
    original : float        # length of the texts before stretching, in tokens
    attention_drop : float  # dropout of attention's weights, in layers that have dropout
    frozen : int            # number of the lowest layers, which have no dropout; nor have the embeddings then

    def attention(self, w: Dict[str, Tensor], i: int, x: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        cos, sin = context["cos"], context["sin"]
        seen = context.get("near" if self.window > 0 and i >= self.windowed else "seen")
        name = "layers.{}.self_attn.".format(i)
        split = [x.shape[0], x.shape[1], -1, self.size]
        q = self.head_norm(w, name + "q_norm", layers.linear(w, name + "q_proj", x).view(split)).transpose(1, 2)
        k = self.head_norm(w, name + "k_norm", layers.linear(w, name + "k_proj", x).view(split)).transpose(1, 2)
        v = layers.linear(w, name + "v_proj", x).view(split).transpose(1, 2)
        q, k = layers.rotate(q, cos, sin), layers.rotate(k, cos, sin)
        states = decoder.attend(w, q, k, v, seen, "products" in context, layers.attention_drop(self.attention_drop, drop))
        return layers.linear(w, name + "o_proj", states)

    def head_norm(self, w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
        """Normalizes each head, [batch, length, heads, size], if the model has a weight for it, as Qwen3 does."""
        return layers.rms_norm(w, name, x.float(), self.eps).to(x.dtype) if name + ".weight" in w else x

    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        name = "layers.{}.".format(i)
        x = layers.input_of(w, name + "self_attn.q_proj", layers.rms_norm(w, name + "input_layernorm", h, self.eps))
        h = layers.residual(w, h, self.attention(w, i, x, context, drop), drop)
        x = layers.input_of(w, name + "mlp.gate_proj", layers.rms_norm(w, name + "post_attention_layernorm", h, self.eps))
        gate = torch.silu(layers.linear(w, name + "mlp.gate_proj", x))
        x = layers.linear(w, name + "mlp.down_proj", gate * layers.linear(w, name + "mlp.up_proj", x))
        return layers.residual(w, h, x, drop)

    def angles(self, at: Tensor) -> Tuple[Tensor, Tensor]:
        """Cosine and sine for positions, [batch, 1, length, size]."""
        rate = 1.0 / self.theta ** (torch.arange(0, self.size, 2, device=at.device).float() / float(self.size))
        if self.stretch != 1.0:
            turns = self.original * rate / 6.283185307179586
            kept = ((turns - self.stretch_low) / (self.stretch_high - self.stretch_low)).clamp(0.0, 1.0)
            rate = rate * ((1.0 - kept) / self.stretch + kept)
        angle = at[:, None, :, None].float() * rate
        angle = torch.cat([angle, angle], -1)
        return torch.cos(angle), torch.sin(angle)

    def forward(self, w: Dict[str, Tensor], h: Tensor, batch: Dict[str, Tensor], first: int, last: int, drop: float) -> Tensor:
        """The states after the layers from `first` to before `last`."""
        segments = batch["segments"]
        context: Dict[str, Tensor] = {}
        context["cos"], context["sin"] = self.angles(layers.positions(segments))
        products = layers.products(w["layers.0.self_attn.q_proj.weight"], segments.shape[1],
                                   layers.attention_drop(self.attention_drop, drop))
        if products:
            context["products"] = segments
        seen = self.mask(w, batch, 0, products)
        if seen is not None:
            context["seen"] = seen
        near = self.mask(w, batch, self.window, products) if self.window > 0 else None
        if near is not None:
            context["near"] = near
        return stack.run(self, w, batch, h, context, first, last, self.frozen, drop)

    def mask(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], window: int, products: bool) -> Optional[Tensor]:
        q, k = w["layers.0.self_attn.q_proj.weight"], w["layers.0.self_attn.k_proj.weight"]
        heads, groups = q.shape[0] // self.size, k.shape[0] // self.size
        return decoder.mask(decoder.visible(batch, window), batch["segments"].shape[1], heads, groups, q, products)

    def embed(self, w: Dict[str, Tensor], ids: Tensor) -> Tensor:
        return torch.embedding(w["embed_tokens.weight"], ids).float()

    def hidden(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        """`hidden` in the batch is what `frozen_forward` returned for its `ids`."""
        known = batch.get("hidden")
        h = self.embed(w, batch["ids"]) if known is None else known
        h = self.forward(w, h, batch, 0 if known is None else self.frozen, self.depth, drop)
        return layers.input_of(w, "layers.0.self_attn.q_proj", layers.rms_norm(w, "norm", h, self.eps))

    def logits(self, w: Dict[str, Tensor], h: Tensor) -> Tensor:
        """Scores over the vocabulary."""
        return layers.linear(w, "lm_head" if "lm_head.weight" in w else "embed_tokens", h)

    def output(self, w: Dict[str, Tensor]) -> Tensor:
        """The output layer or, if there is none, the embeddings."""
        return w["lm_head.weight" if "lm_head.weight" in w else "embed_tokens.weight"]

    def frozen_forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return self.forward(w, self.embed(w, batch["ids"]), batch, 0, self.frozen, 0.0)

    def predict(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        """The scores of every token, [batch, length, vocabulary]."""
        return self.logits(w, self.hidden(w, batch, 0.0)).float()

    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        return decoder.loss(self, w, batch, drop)

    def figures(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return decoder.figures(self, w, batch)

    def gradients(self, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor], seed: int, drop: float,
                  adapter_drop: float, checkpointing: bool) -> List[Tensor]:
        return train.gradients(self, self, w, trained, batch, seed, self.frozen, drop, adapter_drop, checkpointing)
