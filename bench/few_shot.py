"""See bench/few-shot, which calls this."""

import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

DRAWS, ROWS, PRECISION = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
DATA = pathlib.Path(os.environ.get("DATA", "../shared/data")) / "trec6"
FIRST = int(os.environ.get("FIRST", "1"))
ONLY = os.environ.get("ONLY", "full few_shot setfit").split()
RATES = [float(rate) for rate in os.environ.get("RATES", "1e-4").split()]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="few-shot"))
CLASS_PATH = "target/test-classes:target/classes:" + pathlib.Path("target/bench.classpath").read_text()
JAVA = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH]
THREADS = os.cpu_count()
# The values of auto; see docs/hyperparameters.md.
SETTINGS = {"gradient_accumulation_steps": 1, "lr_scheduler_type": "linear", "warmup_ratio": 0.1, "layerwise_lr_decay": 1.0,
            "weight_decay": 0.01, "max_grad_norm": 1.0, "dropout": 0.1, "label_smoothing": 0.0, "max_length": 256, "batch_size": 16}


def rows_of(name):
    for line in (DATA / name).read_bytes().decode("latin-1").strip("\n").split("\n"):
        label, text = line.split(" ", 1)
        yield {"text": text, "label": label}


def precision():
    if PRECISION != "auto":
        return PRECISION
    return "bf16" if "amx_bf16" in pathlib.Path("/proc/cpuinfo").read_text() else "fp32"


def anneal(base, train, test, method, epochs, rate, seed):
    """Returns the test accuracy of Anneal's trainer and the seconds it took."""
    work = pathlib.Path(tempfile.mkdtemp(dir=WORK))
    for split, rows in (("train", train), ("test", test)):
        (work / (split + ".jsonl")).write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = dict(SETTINGS, epochs=epochs, learning_rate=rate, precision=precision(), seed=seed)
    labels = sorted({row["label"] for row in train})
    (work / "spec.json").write_text(json.dumps({"task": "text-classification", "labels": labels, "method": {"type": method}, "hyperparameters": settings}))
    (work / "placement.json").write_text(json.dumps({"base_model": str(base), "device": "cpu", "threads": THREADS, "precision": precision()}))
    start = time.time()
    result = subprocess.run(JAVA + ["dev.anneal.training.Trainer", str(work)], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(result.stderr[-2000:])
    done = json.loads(result.stdout.strip().splitlines()[-1])
    return done["data"]["test_metrics"]["accuracy"], time.time() - start


def setfit(base, train, test, seed):
    """Returns the test accuracy of SetFit with its defaults and the seconds it took."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from setfit import SetFitModel, Trainer, TrainingArguments
    from sklearn.linear_model import LogisticRegression

    start = time.time()
    body = Transformer(str(base), max_seq_length=256)
    encoder = SentenceTransformer(modules=[body, Pooling(body.get_embedding_dimension(), "mean")], device="cpu")
    model = SetFitModel(model_body=encoder, model_head=LogisticRegression())
    arguments = TrainingArguments(output_dir=str(WORK / "setfit"), seed=seed, report_to="none", save_strategy="no")
    Trainer(model=model, args=arguments, train_dataset=Dataset.from_list(train)).train()
    predicted = model.predict([row["text"] for row in test])
    right = sum(str(label) == row["label"] for label, row in zip(predicted, test))
    return right / len(test), time.time() - start


def main():
    base = WORK / "MiniLM"
    subprocess.run(JAVA + ["dev.anneal.training.BundledModelFiles", str(base)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    train, test = list(rows_of("TREC.train.all")), list(rows_of("TREC.test.all"))
    methods = {}
    if "full" in ONLY:
        methods["full"] = lambda rows, seed: anneal(base, rows, test, "full", 6, 1e-4, seed)
    if "few_shot" in ONLY:
        for rate in RATES:
            methods["few_shot, rate %g" % rate] = lambda rows, seed, rate=rate: anneal(base, rows, test, "few_shot", 1, rate, seed)
    if "setfit" in ONLY:
        methods["SetFit"] = lambda rows, seed: setfit(base, rows, test, seed)
    found = {name: [] for name in methods}
    for draw in range(FIRST, FIRST + DRAWS):
        drawn = random.Random(draw)
        rows = [row for label in sorted({row["label"] for row in train}) for row in drawn.sample([each for each in train if each["label"] == label], ROWS)]
        for name, method in methods.items():
            accuracy, seconds = method(rows, draw)
            found[name].append(accuracy)
            print("draw %d  %-24s accuracy %.3f  %5.0f s" % (draw, name, accuracy, seconds), flush=True)
    for name, accuracies in found.items():
        print("%-24s mean %.3f  %s" % (name, statistics.mean(accuracies), " ".join("%.3f" % each for each in accuracies)))


main()
