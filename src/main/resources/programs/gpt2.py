import decoder, layers, stack, train

# GPT-2: LayerNorm before each block, learned positions, one projection for query, key and value, tied embeddings. Weights
# have the names of transformers' GPT2Model.
class Gpt2(Module):
    depth : int
    heads : int
    eps : float     # of LayerNorm
    attention_drop : float  # dropout of attention's weights, in layers that have dropout
    frozen : int    # number of the lowest layers, which have no dropout; nor have the embeddings then

    def attention(self, w: Dict[str, Tensor], i: int, x: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        name = "h.{}.attn.".format(i)
        hidden = x.shape[2]
        split = [x.shape[0], x.shape[1], self.heads, hidden // self.heads]
        q, k, v = layers.linear_t(w, name + "c_attn", x).split(hidden, 2)
        q, k, v = q.view(split).transpose(1, 2), k.view(split).transpose(1, 2), v.view(split).transpose(1, 2)
        return layers.linear_t(w, name + "c_proj", decoder.attend(w, q, k, v, context.get("seen"), "products" in context,
                                                                      layers.attention_drop(self.attention_drop, drop)))

    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        name = "h.{}.".format(i)
        x = layers.layer_norm(w, name + "ln_1", h, self.eps)
        h = layers.residual(w, h, self.attention(w, i, x, context, drop), drop)
        x = layers.linear_t(w, name + "mlp.c_fc", layers.layer_norm(w, name + "ln_2", h, self.eps))
        x = layers.linear_t(w, name + "mlp.c_proj", torch.gelu(x, approximate="tanh"))
        return layers.residual(w, h, x, drop)

    def forward(self, w: Dict[str, Tensor], h: Tensor, batch: Dict[str, Tensor], first: int, last: int, drop: float) -> Tensor:
        """The states after the layers from `first` to before `last`."""
        context: Dict[str, Tensor] = {}
        like = w["h.0.attn.c_attn.weight"]
        products = layers.products(like, h.shape[1], layers.attention_drop(self.attention_drop, drop))
        if products:
            context["products"] = batch["segments"]
        seen = decoder.mask(decoder.visible(batch, 0), h.shape[1], self.heads, self.heads, like, products)
        if seen is not None:
            context["seen"] = seen
        return stack.run(self, w, batch, h, context, first, last, self.frozen, drop)

    def embed(self, w: Dict[str, Tensor], ids: Tensor, segments: Tensor) -> Tensor:
        at = layers.positions(segments)
        return (torch.embedding(w["wte.weight"], ids) + torch.embedding(w["wpe.weight"], at)).float()

    def hidden(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        """`hidden` in the batch is what `frozen_forward` returned for its `ids`."""
        segments, known = batch["segments"], batch.get("hidden")
        if known is None:
            h = layers.dropout(w, self.embed(w, batch["ids"], segments), 0.0 if self.frozen > 0 else drop)
        else:
            h = known
        h = self.forward(w, h, batch, 0 if known is None else self.frozen, self.depth, drop)
        return layers.input_of(w, "h.0.attn.c_attn", layers.layer_norm(w, "ln_f", h, self.eps))

    def logits(self, w: Dict[str, Tensor], h: Tensor) -> Tensor:
        """Scores over the vocabulary."""
        return layers.linear(w, "lm_head" if "lm_head.weight" in w else "wte", h)

    def output(self, w: Dict[str, Tensor]) -> Tensor:
        """The output layer or, if there is none, the embeddings."""
        return w["lm_head.weight" if "lm_head.weight" in w else "wte.weight"]

    def frozen_forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return self.forward(w, self.embed(w, batch["ids"], batch["segments"]), batch, 0, self.frozen, 0.0)

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
