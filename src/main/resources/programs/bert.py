import head, layers, train

# BERT. Weights have the names of transformers' BertModel, without the prefix "bert.".
class Bert(Module):
    depth : int
    heads : int
    eps : float     # of LayerNorm

    def layer(self, w: Dict[str, Tensor], i: int, h: Tensor, bias: Tensor, rows: Optional[Tensor], drop: float) -> Tensor:
        """[batch, length, hidden]; with `rows`, a mask of tokens, only what comes out of those: [tokens, hidden]."""
        name = "encoder.layer.{}.".format(i)
        split = [h.shape[0], h.shape[1], self.heads, h.shape[2] // self.heads]
        q = layers.linear(w, name + "attention.self.query", h).view(split).transpose(1, 2)
        k = layers.linear(w, name + "attention.self.key", h).view(split).transpose(1, 2)
        v = layers.linear(w, name + "attention.self.value", h).view(split).transpose(1, 2)
        a = torch.scaled_dot_product_attention(q, k, v, bias.to(q.dtype)).transpose(1, 2).flatten(2)
        if rows is not None:
            a, h = a[rows], h[rows]
        a = layers.dropout(layers.linear(w, name + "attention.output.dense", a), drop)
        h = layers.layer_norm(w, name + "attention.output.LayerNorm", h + a, self.eps)
        f = torch.gelu(layers.linear(w, name + "intermediate.dense", h))
        f = layers.dropout(layers.linear(w, name + "output.dense", f), drop)
        return layers.layer_norm(w, name + "output.LayerNorm", h + f, self.eps)

    def encode(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], rows: Optional[Tensor], drop: float) -> Tensor:
        """`segments` says which tokens belong together: 0 is padding, 1 a text; packed texts are numbered 1, 2, 3, ..."""
        ids, segments, types = batch["ids"], batch["segments"], batch.get("types")
        h = torch.embedding(w["embeddings.word_embeddings.weight"], ids)
        h = h + torch.embedding(w["embeddings.position_embeddings.weight"], layers.positions(segments))
        kinds = w["embeddings.token_type_embeddings.weight"]
        h = h + (kinds[0] if types is None else torch.embedding(kinds, types))
        h = layers.dropout(layers.layer_norm(w, "embeddings.LayerNorm", h, self.eps), drop)
        bias = torch.where(segments[:, None, :, None] == segments[:, None, None, :], 0.0, -1e9)
        for i in range(self.depth - 1):
            h = self.layer(w, i, h, bias, None, drop)
        return self.layer(w, self.depth - 1, h, bias, rows, drop)

    def tokens(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        return self.encode(w, batch, None, drop)

    def texts(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float = 0.0) -> Tensor:
        return self.encode(w, batch, layers.starts(batch["segments"]), drop)

    def predict(self, w: Dict[str, Tensor], batch: Dict[str, Tensor]) -> Tensor:
        return head.predict(self, w, batch)

    def loss(self, w: Dict[str, Tensor], batch: Dict[str, Tensor], drop: float) -> Tensor:
        return head.loss(self, w, batch, drop)

    def step(self, w: Dict[str, Tensor], decayed: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor],
             plain: List[Tensor], plain_m: List[Tensor], plain_v: List[Tensor], plain_t: List[Tensor],
             batch: Dict[str, Tensor], drop: float, lr: float, decay: float, clip: float, bf16: bool) -> Tensor:
        return train.step(self, w, decayed, m, v, t, plain, plain_m, plain_v, plain_t, batch, drop, lr, decay, clip, bf16)
