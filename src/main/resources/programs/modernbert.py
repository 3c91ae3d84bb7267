import head, host, layers, stack, train

# ModernBERT: rotary positions, gated feed-forward, norms before the blocks; in most layers a token sees only its neighbours.
# Weights have the names of transformers' ModernBertModel.
class Modernbert(Module):
    depth : int
    heads : int
    eps : float            # of LayerNorm
    every : int            # in layers 0, every, 2 * every, ... a token sees all tokens
    window : int           # in the others, this many on either side
    theta : float          # base of the rotary wavelengths in layers without a window
    local_theta : float    # in the others
    mean : bool            # whether a text is the mean of its tokens, else its first token
    attention_drop : float # dropout of attention's weights, in layers that have dropout
    frozen : int           # number of the lowest layers, which have no dropout

    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        kind = "wide" if i % self.every == 0 else "near"
        cos, sin, bias = context[kind + ".cos"], context[kind + ".sin"], context.get(kind + ".bias")
        name = "layers.{}.".format(i)
        batch, length, hidden = h.shape
        x = h
        if name + "attn_norm.weight" in w:     # the first layer has none
            x = layers.layer_norm(w, name + "attn_norm", h, self.eps)
        qkv = layers.linear(w, name + "attn.Wqkv", x).view([batch, length, 3, self.heads, hidden // self.heads])
        q, k, v = qkv.permute([2, 0, 3, 1, 4]).unbind()
        q, k = layers.rotate(q, cos, sin), layers.rotate(k, cos, sin)
        a = layers.attention(w, q, k, v, bias, "products" in context, layers.attention_drop(self.attention_drop, drop))
        h = layers.residual(w, h, layers.linear(w, name + "attn.Wo", a), drop)
        x = layers.linear(w, name + "mlp.Wi", layers.layer_norm(w, name + "mlp_norm", h, self.eps))
        value, gate = x.chunk(2, -1)
        return layers.residual(w, h, layers.linear(w, name + "mlp.Wo", torch.gelu(value) * gate), drop)

    def forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], below: int, drop: float) -> Tensor:
        """The states after the `below` lowest layers. `segments` says which tokens belong together: 0 is padding, 1 a text;
        packed texts are numbered 1, 2, 3, ... If the batch has `hidden`, those are the states after the frozen layers."""
        segments, known = batch["segments"], batch.get("hidden")
        if known is None:
            h = layers.layer_norm(w, "embeddings.norm", torch.embedding(w["embeddings.tok_embeddings.weight"], batch["ids"]),
                                  self.eps)
        else:
            h = known
        at = layers.positions(segments)
        like = w["layers.0.attn.Wqkv.weight"]
        seen = layers.same_text(host.asked(batch, "segments"), like)
        context: Dict[str, Tensor] = {}
        products = layers.products(like, segments.shape[1], layers.attention_drop(self.attention_drop, drop))
        if products:
            context["products"] = segments
        if seen is not None:
            context["wide.bias"] = layers.bias(seen, self.heads, self.heads, like, products)
        if products or segments.shape[1] <= 512:
            close = torch.abs(at[:, None, :, None] - at[:, None, None, :]) <= self.window
            context["near.bias"] = layers.bias(close if seen is None else close & seen, self.heads, self.heads, like,
                                                products)
        else:
            context["near.bias"] = layers.near_bias(at, seen, self.window, like)
        size = h.shape[2] // self.heads
        context["wide.cos"], context["wide.sin"] = layers.angles(at, size, self.theta)
        context["near.cos"], context["near.sin"] = layers.angles(at, size, self.local_theta)
        return stack.run(self, w, batch, h, context, 0 if known is None else self.frozen, below, self.frozen, drop)

    def frozen_forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        """The states after the frozen layers."""
        return self.forward(w, batch, self.frozen, 0.0)

    def last(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        return layers.layer_norm(w, "final_norm", self.forward(w, batch, self.depth, drop), self.eps)

    def dense(self, w: Dict[str, Tensor], name: str, h: Tensor) -> Tensor:
        return layers.layer_norm(w, name + ".norm", torch.gelu(layers.linear(w, name + ".dense", h)), self.eps)

    def token_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        return layers.dropout(w, self.dense(w, "pooler", self.last(w, batch, drop)), drop)

    def pooled(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        h = batch.get("features")
        if h is None:
            h = self.features(w, batch, drop)
        return layers.dropout(w, self.dense(w, "pooler", h), drop)

    def features(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        """Every text as one vector, [texts, hidden]: the only input of the head of a text."""
        if self.mean:
            return self.means(w, batch, drop)
        return self.rows(self.last(w, batch, drop), layers.starts(host.asked(batch, "segments")))

    def means(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        """Every text as the mean of its tokens, [texts, hidden]."""
        return layers.means(self.last(w, batch, drop), host.asked(batch, "segments"))

    def vocabulary_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], chosen: Tensor, drop: float) -> Tensor:
        return self.dense(w, "mlm", self.rows(self.last(w, batch, drop), chosen))

    def rows(self, h: Tensor, mask: Tensor) -> Tensor:
        """The states of the tokens where a mask on the host is true, [tokens, hidden]."""
        h = h.flatten(0, 1)
        return layers.taken(h, layers.chosen(mask, h))

    def vocabulary_layer(self, w: Dict[str, Tensor]) -> Tuple[Tensor, Optional[Tensor]]:
        return w["embeddings.tok_embeddings.weight"], w.get("mlm.bias")

    def logits(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return head.scores(self, w, batch, 0.0)

    def predict(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return head.predict(self, w, batch)

    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        return head.loss(self, w, batch, drop)

    def gradients(self, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor], seed: int, drop: float,
                  adapter_drop: float, checkpointing: bool) -> List[Tensor]:
        return train.gradients(self, self, w, trained, batch, seed, self.frozen, drop, adapter_drop, checkpointing)
