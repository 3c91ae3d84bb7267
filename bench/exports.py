"""Trains a model of each task and method briefly and exports it. transformers and peft must compute the same results.

    <python with bench/reference/requirements.txt> bench/exports.py <class path> [decoder directory]

The class path is target/test-classes:target/classes:<target/bench.classpath>, as bench/compare makes it. ONLY=few-shot takes the models
whose names begin so.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

CLASS_PATH = sys.argv[1]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="exports"))
JAVA = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH]
random.seed(1)


def opinion():
    good = random.random() < 0.5
    return "the %s was %s" % (random.choice(["soup", "fish", "tea"]), random.choice(["great", "tasty"] if good else ["cold", "awful"])), good


def rows(task):
    for _ in range(64):
        text, good = opinion()
        yield {
            "text-classification": {"text": text, "label": "good" if good else "bad"},
            "multi-label-classification": {"text": text, "labels": ["good"] if good else ["bad", "cold"]},
            "text-regression": {"text": text, "score": 1.5 if good else -0.5},
            "token-classification": {"tokens": text.split(), "tags": ["O", "B-DISH", "O", "O"]},
            "masked-lm": {"text": text},
            "causal-lm": {"text": text},
        }[task]


LABELS = {
    "text-classification": ["bad", "good"], "multi-label-classification": ["bad", "cold", "good"],
    "token-classification": ["O", "B-DISH", "I-DISH"],
}


def train(name, base, task, method):
    work = WORK / name
    work.mkdir()
    (work / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(task)))
    (work / "spec.json").write_text(json.dumps({
        "task": task, "labels": LABELS.get(task, []), "method": method,
        "task_options": {"packing": True, "completions_only": True, "masking_probability": 0.15, "whole_words": False},
        "hyperparameters": {
            "epochs": 1, "batch_size": 16, "gradient_accumulation_steps": 1, "learning_rate": 5e-4, "lr_scheduler_type": "linear",
            "warmup_ratio": 0.1, "layerwise_lr_decay": 0.9, "weight_decay": 0.01, "max_grad_norm": 1.0, "dropout": 0.1,
            "label_smoothing": 0.0, "max_length": 32, "precision": "fp32", "seed": 1}}))
    (work / "placement.json").write_text(json.dumps({"base_model": str(base), "device": "cpu", "threads": 2, "precision": "fp32"}))
    result = subprocess.run(JAVA + ["dev.anneal.training.Trainer", str(work)], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(name + ": " + result.stderr[-500:])
    return work / "model"


base = WORK / "all-MiniLM-L6-v2"
subprocess.run(JAVA + ["dev.anneal.training.BundledModelFiles", str(base)], check=True, capture_output=True)
full, lora = {"type": "full"}, {"type": "lora", "r": 4, "alpha": 8, "dropout": 0.0, "target_modules": ["query", "value"]}
jobs = [(task, base, task, full) for task in list(LABELS) + ["text-regression", "masked-lm"]]
jobs += [("lora-" + task, base, task, lora) for task in LABELS]
few_shot = {"type": "few_shot"}
jobs += [("few-shot", base, "text-classification", few_shot)]
jobs += [("few-shot-" + name, pathlib.Path("src/test/resources/models") / name, "text-classification", few_shot) for name in ("distilbert", "roberta", "electra", "modernbert")]
if len(sys.argv) > 2:
    decoder = pathlib.Path(sys.argv[2])
    jobs += [("causal-lm", decoder, "causal-lm", full), ("lora-causal-lm", decoder, "causal-lm", dict(lora, target_modules=["q_proj", "v_proj"]))]
jobs = [job for job in jobs if job[0].startswith(os.environ.get("ONLY", ""))]
models = [(name, start, train(name, start, task, method)) for name, start, task, method in jobs]
subprocess.run(JAVA + ["dev.anneal.training.ExportProbe"] + [str(model) for _, _, model in models], check=True, capture_output=True)
failed = False
for name, start, model in models:
    check = subprocess.run([sys.executable, "bench/reference/check_export.py", str(model), "--base", str(start)], capture_output=True, text=True)
    print("%-32s %s" % (name, (check.stdout.strip().splitlines() or check.stderr.strip().splitlines() or ["?"])[-1].replace(str(WORK), "")))
    failed |= check.returncode != 0
sys.exit(failed)
