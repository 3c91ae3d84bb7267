"""Does transformers compute the same with a model directory as the one who wrote it?

    python check_export.py model.zip [more ...] [--base directory]
    python check_export.py model --write-logits probe.json --texts texts.json

A probe.json inside or beside the model holds `texts` (a string, a pair, or {"tokens": [...]}) or `inputs` ({"ids", "types"} or
bare ids) and `logits`, one flat list per text; a golden.json will do as well. Where there are both texts and inputs, the
tokenizer must give the same ids. An `adapter` directory in or beside the model is put on the base by peft and must compute the
same. Exit status 1: a difference above 1e-4, other ids, or weights missing or left over.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
import transformers

TOLERANCE = 1e-4
AUTO = {
    "ForSequenceClassification": transformers.AutoModelForSequenceClassification,
    "ForTokenClassification": transformers.AutoModelForTokenClassification,
    "ForMaskedLM": transformers.AutoModelForMaskedLM,
    "ForCausalLM": transformers.AutoModelForCausalLM,
    "LMHeadModel": transformers.AutoModelForCausalLM,
    "Model": transformers.AutoModel,
}


@contextlib.contextmanager
def opened(path):
    """The directory of config.json, unpacked where it comes as a zip."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = path
        if path.is_file():
            zipfile.ZipFile(path).extractall(scratch)
            directory = Path(scratch)
        configs = sorted(directory.rglob("config.json"), key=lambda file: len(file.parts))
        if not configs:
            raise SystemExit(f"{path}: no config.json")
        yield configs[0].parent


def auto_class(directory):
    architecture = json.loads((directory / "config.json").read_text())["architectures"][0]
    return next(auto for ending, auto in AUTO.items() if architecture.endswith(ending))


def load(directory, errors):
    model, info = auto_class(directory).from_pretrained(directory, dtype=torch.float32, output_loading_info=True)
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info.get(what):
            errors.append(f"{what}: {sorted(map(str, info[what]))[:6]}")
    return model.eval()


def load_adapter(directory, adapter, base, errors):
    from peft import PeftModel
    from peft.utils import get_peft_model_state_dict
    from safetensors.torch import load_file

    config = transformers.AutoConfig.from_pretrained(directory)
    plain, info = auto_class(directory).from_pretrained(
        base, config=config, dtype=torch.float32, ignore_mismatched_sizes=True, output_loading_info=True
    )
    model = PeftModel.from_pretrained(plain, adapter)
    stored, wanted = set(load_file(adapter / "adapter_model.safetensors")), set(get_peft_model_state_dict(model))
    random = sorted(key for key in info["missing_keys"] if "base_model.model." + key not in stored)
    if random:
        errors.append(f"neither the base nor the adapter has {random[:6]}")
    if stored != wanted:
        errors.append(f"adapter: missing {sorted(wanted - stored)[:6]}, left over {sorted(stored - wanted)[:6]}")
    return model.eval()


def encode(tokenizer, text):
    if isinstance(text, dict):
        encoding = tokenizer(text["tokens"], is_split_into_words=True, truncation=True)
    elif isinstance(text, str):
        encoding = tokenizer(text, truncation=True)
    else:
        encoding = tokenizer(*text, truncation=True)
    return {"ids": encoding["input_ids"], "types": encoding.get("token_type_ids")}


def inputs_of(probe, directory, errors):
    given = probe.get("inputs")
    if given is None and "ids" in probe:
        given = [{"ids": i, "types": t} for i, t in zip(probe["ids"], probe.get("types") or [None] * len(probe["ids"]))]
    if given is not None:
        given = [row if isinstance(row, dict) else {"ids": row} for row in given]
    if "texts" not in probe:
        return given
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    encoded = [encode(tokenizer, text) for text in probe["texts"]]
    for text, ours, theirs in zip(probe["texts"], encoded, given or []):
        if ours["ids"] != theirs["ids"]:
            errors.append(f"other ids for {text}: {ours['ids']}, not {theirs['ids']}")
    return given or encoded


def compute(model, row):
    arguments = {"input_ids": torch.tensor([row["ids"]])}
    if row.get("types") is not None:
        arguments["token_type_ids"] = torch.tensor([row["types"]])
    with torch.no_grad():
        output = model(**arguments)
    return output[0].float().flatten()


def difference(model, rows, expected, errors):
    worst = 0.0
    for row, want in zip(rows, expected, strict=True):
        got, want = compute(model, row), torch.tensor(want).flatten()
        if got.shape != want.shape:
            errors.append(f"{len(got)} logits, not {len(want)}")
            return float("inf")
        worst = max(worst, (got - want).abs().max().item())
    if not worst <= TOLERANCE:
        errors.append(f"the logits differ by {worst:.3g}")
    return worst


def beside(path, directory, *names):
    places = [directory, directory.parent, path.parent] if path.is_file() else [directory, directory.parent]
    return next((place / name for name in names for place in places if (place / name).exists()), None)


def check(path, base):
    errors = []
    with opened(path) as directory:
        file = beside(path, directory, "probe.json", "golden.json")
        if file is None:
            raise SystemExit(f"{path}: no probe.json in or beside it")
        probe = json.loads(file.read_text())
        rows = inputs_of(probe, directory, errors)
        found = [f"max difference {difference(load(directory, errors), rows, probe['logits'], errors):.3g}"]
        adapter = beside(path, directory, "adapter")
        if adapter and base:
            worst = difference(load_adapter(directory, adapter, base, errors), rows, probe["logits"], errors)
            found.append(f"peft on the base {worst:.3g}")
        elif adapter:
            errors.append("there is an adapter: give its --base")
    print(f"{path}: {', '.join(found)} over {len(rows)} texts {'FAILED: ' + '; '.join(errors) if errors else 'ok'}")
    return not errors


def write_logits(path, texts, out):
    given = json.loads(texts.read_text())
    probe = {"texts": given} if isinstance(given, list) else given
    errors = []
    with opened(path) as directory:
        rows = inputs_of(probe, directory, errors)
        model = load(directory, errors)
        logits = [compute(model, row).tolist() for row in rows]
    out.write_text(json.dumps({**probe, "inputs": rows, "logits": logits}) + "\n")
    if errors:
        print(f"{path}: {'; '.join(errors)}")
    return not errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--base", type=Path, help="model directory that the adapter belongs on")
    parser.add_argument("--write-logits", type=Path)
    parser.add_argument("--texts", type=Path, help="a JSON list of texts, or an object as probe.json")
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    if options.write_logits:
        return write_logits(options.models[0], options.texts, options.write_logits)
    return all([check(path, options.base) for path in options.models])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
