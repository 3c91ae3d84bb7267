import head, host, layers, stack, train

# BERT and the models built like it. Weights have the names of transformers' BertModel, without the prefix "bert."; those of RoBERTa, ELECTRA
# and DistilBERT are renamed to them.
class Bert(Module):
    depth : int
    heads : int
    eps : float     # of LayerNorm
    offset : int    # number of the first position: 0, for RoBERTa 2
    pool : str      # activation of the classifier's dense layer: tanh (BERT, RoBERTa), gelu (ELECTRA), relu (DistilBERT)
    pool_drop : bool    # whether dropout comes before that layer, too
    attention_drop : float  # dropout of attention's weights, in layers that have dropout
    frozen : int    # number of the lowest layers, which have no dropout

    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, context: Dict[str, Tensor], drop: float) -> Tensor:
        """[tokens, hidden], those at all places, or at `places`, where `rows` has the row of each place; with `chosen`, places
        of tokens, too, the result of the last layer are only their states."""
        name = "encoder.layer.{}.".format(i)
        bias, places, rows = context.get("bias"), context.get("places"), context.get("rows")
        chosen = context.get("chosen") if i == self.depth - 1 else None
        split = [context["segments"].shape[0], -1, self.heads, h.shape[1] // self.heads]
        at = name + "attention.self."
        q, k, v = layers.linears(w, [at + "query", at + "key", at + "value"], h, rows)
        q, k, v = q.view(split).transpose(1, 2), k.view(split).transpose(1, 2), v.view(split).transpose(1, 2)
        a = layers.attention(w, q, k, v, bias, "products" in context, layers.attention_drop(self.attention_drop, drop)).flatten(0, 1)
        if chosen is None:
            a = layers.taken(a, places)
        else:
            a, h = layers.taken(a, chosen), layers.taken(h, chosen if rows is None else rows[chosen])
        h = layers.residual(w, h, layers.linear(w, name + "attention.output.dense", a), drop)
        h = layers.layer_norm(w, name + "attention.output.LayerNorm", h, self.eps)
        f = layers.linear_gelu(w, name + "intermediate.dense", h)
        h = layers.residual(w, h, layers.linear(w, name + "output.dense", f), drop)
        return layers.layer_norm(w, name + "output.LayerNorm", h, self.eps)

    def embed(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        ids, segments, types = batch["ids"], batch["segments"], batch.get("types")
        h = torch.embedding(w["embeddings.word_embeddings.weight"], ids)
        h = h + torch.embedding(w["embeddings.position_embeddings.weight"], layers.positions(segments) + self.offset)
        if "embeddings.token_type_embeddings.weight" in w:
            kinds = w["embeddings.token_type_embeddings.weight"]
            h = h + (kinds[0] if types is None else torch.embedding(kinds, types))
        h = layers.dropout(w, layers.layer_norm(w, "embeddings.LayerNorm", h, self.eps), drop)
        return layers.linear(w, "embeddings_project", h) if "embeddings_project.weight" in w else h

    def forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], below: int, rows: Optional[Tensor],
                drop: float) -> Tensor:
        """The states after the `below` lowest layers, [texts, length, hidden]; with `rows`, a mask of tokens on the host, only the
        states of those: [tokens, hidden]. `segments` says which tokens belong together: 0 is padding, 1 a text; packed texts are numbered
        1, 2, 3, ... If the batch has `hidden`, those are the states after the frozen layers."""
        segments, known = batch["segments"], batch.get("hidden")
        first = 0 if known is None else self.frozen
        h = self.embed(w, batch, 0.0 if self.frozen > 0 else drop) if known is None else known
        if below > first:
            h = layers.input_of(w, "encoder.layer.{}.attention.self.query".format(first), h)
        asked = host.asked(batch, "segments")
        seen = layers.same_text(asked, h)
        products = layers.products(h, h.shape[1], layers.attention_drop(self.attention_drop, drop))
        bias = None if seen is None else layers.bias(seen, self.heads, self.heads, h, products)
        places = None if seen is None else layers.real(asked, h)
        row = layers.rows_of(places, segments)
        context = {"segments": segments}
        if products:
            context["products"] = segments
        if bias is not None:
            context["bias"] = bias
        if places is not None and row is not None:
            context["places"], context["rows"] = places, row
        if rows is not None:
            context["chosen"] = layers.chosen(rows, h)
        texts = h.shape[0]
        h = layers.taken(h.flatten(0, 1), places)
        h = stack.run(self, w, batch, h, context, first, below, self.frozen, drop)
        return h if rows is not None and below == self.depth else layers.taken(h, row).view(texts, -1, h.shape[1])

    def frozen_forward(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        """The states after the frozen layers."""
        return self.forward(w, batch, self.frozen, None, 0.0)

    def token_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        return layers.dropout(w, self.forward(w, batch, self.depth, None, drop), drop)

    def pooled(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        h = batch.get("features")
        if h is None:
            h = self.features(w, batch, drop)
        h = layers.linear(w, "pooler.dense", layers.dropout(w, h, drop if self.pool_drop else 0.0))
        h = torch.tanh(h) if self.pool == "tanh" else torch.relu(h) if self.pool == "relu" else torch.gelu(h)
        return layers.dropout(w, h, drop)

    def features(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        """The first token of every text, [texts, hidden]: the only input of the head of a text."""
        if batch.get("hidden") is not None and self.frozen == self.depth:
            h = batch["hidden"].flatten(0, 1)
            return layers.taken(h, layers.chosen(layers.starts(host.asked(batch, "segments")), h))
        return self.forward(w, batch, self.depth, layers.starts(host.asked(batch, "segments")), drop)

    def means(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        """Every text as the mean of its tokens before the last layer, [texts, hidden]: few_shot adds a layer that takes it, too, so
        that the head sees it."""
        return layers.means(self.forward(w, batch, self.depth - 1, None, drop), host.asked(batch, "segments"))

    def vocabulary_states(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], chosen: Tensor, drop: float) -> Tensor:
        h = self.forward(w, batch, self.depth, chosen, drop)
        return layers.layer_norm(w, "mlm.norm", torch.gelu(layers.linear(w, "mlm.dense", h)), self.eps)

    def vocabulary_layer(self, w: Dict[str, Tensor]) -> Tuple[Tensor, Optional[Tensor]]:
        return w["embeddings.word_embeddings.weight"], w.get("mlm.bias")

    def logits(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return head.scores(self, w, batch, 0.0)

    def predict(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return head.predict(self, w, batch)

    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        return head.loss(self, w, batch, drop)

    def gradients(self, w: Dict[str, Tensor], trained: List[Tensor], batch: Dict[str, Tensor], seed: int, drop: float,
                  adapter_drop: float, checkpointing: bool) -> List[Tensor]:
        return train.gradients(self, self, w, trained, batch, seed, self.frozen, drop, adapter_drop, checkpointing)
