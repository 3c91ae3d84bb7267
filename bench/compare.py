"""Runs Anneal's trainer and transformers' Trainer alternately; see bench/compare."""

import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

CLASS_PATH, DATA, ROUNDS = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
ONLY = os.environ.get("ONLY", "")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="compare"))
ROWS = int(os.environ.get("ROWS", "1600"))
PRECISIONS = os.environ.get("PRECISION", "fp32 bf16").split()
JAVA = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH]
# The command of a worker (TrainerCommand).
TRAINER = {"OMP_WAIT_POLICY": "PASSIVE", "MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592"}
REFERENCE = [sys.executable, "bench/reference/trainer.py", "--epochs", "1", "--seed", "1", "--threads", "2"]


def rows_of(name):
    if name == "trec6":
        for line in (DATA / "trec6/TREC.train.all").read_bytes().decode("latin-1").strip("\n").split("\n"):
            label, text = line.split(" ", 1)
            yield {"text": text, "label": label.split(":")[0]}
    else:
        for file, label in (("rt-polarity.neg", "negative"), ("rt-polarity.pos", "positive")):
            for line in (DATA / "rt_polarity" / file).read_bytes().decode("latin-1").strip("\n").split("\n"):
                yield {"text": line, "label": label}


def data(name):
    """Returns every n-th row, so that all labels occur."""
    rows = list(rows_of(name))
    chosen = [rows[i * len(rows) // ROWS] for i in range(ROWS)]
    directory = WORK / name
    directory.mkdir(exist_ok=True)
    (directory / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen))
    (directory / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chosen[:64]))
    return directory, sorted({row["label"] for row in rows})


def padded(words):
    """Returns texts of at least this many tokens, which are truncated: all batches have the same shape."""
    directory = WORK / "long"
    directory.mkdir(exist_ok=True)
    rows = [{"text": " ".join(["word%d" % (i % 10)] + ["a river runs through the old town"] * 30), "label": "ab"[i % 2]} for i in range(words)]
    for split in ("train", "test"):
        (directory / (split + ".jsonl")).write_text("".join(json.dumps(row) + "\n" for row in rows[: None if split == "train" else 8]))
    return directory, ["a", "b"]


def model():
    directory = WORK / "MiniLM"
    subprocess.run(JAVA + ["dev.anneal.training.BundledModelFiles", str(directory)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return directory


def work_directory(base, directory, labels, method, epochs=1, task="text-classification", batch=32, length=128, rate=1e-4, dropout=0.1, options=None, seed=1, test=False, precision="fp32", checkpointing=None):
    work = pathlib.Path(tempfile.mkdtemp(dir=WORK))
    os.symlink(directory / "train.jsonl", work / "train.jsonl")
    if test:
        os.symlink(directory / "test.jsonl", work / "test.jsonl")
    spec = {
        "task": task, "labels": labels, "method": method,
        "task_options": options or {"packing": True, "completions_only": True, "masking_probability": 0.15, "whole_words": False},
        "hyperparameters": {
            "epochs": epochs, "batch_size": batch, "gradient_accumulation_steps": 1, "learning_rate": rate,
            "lr_scheduler_type": "linear", "warmup_ratio": 0.1, "layerwise_lr_decay": 1.0, "weight_decay": 0.01,
            "max_grad_norm": 1.0, "dropout": dropout, "label_smoothing": 0.0, "max_length": length, "precision": precision, "seed": seed,
            "gradient_checkpointing": checkpointing,
        },
    }
    (work / "spec.json").write_text(json.dumps(spec))
    (work / "placement.json").write_text(json.dumps({"base_model": str(base), "device": "cpu", "threads": 2, "precision": precision}))
    return work


def trainer(work, stdout, stderr):
    return subprocess.Popen(JAVA + ["dev.anneal.training.Trainer", str(work)], stdout=stdout, stderr=stderr, env=dict(os.environ, **TRAINER))


def anneal(*what, **how):
    """Returns the speed of each epoch; that of processor time is the speed on an idle machine, nearly."""
    child = trainer(work_directory(*what, **how), subprocess.PIPE, subprocess.DEVNULL)
    events, processor = [], []
    for line in child.stdout:
        event = json.loads(line)
        if event["type"] in ("start", "epoch"):
            fields = pathlib.Path("/proc/%d/stat" % child.pid).read_text().rsplit(")", 1)[1].split()
            processor.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
            events.append(event)
        last = event
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("the trainer failed: %s" % last)
    rows = events[0]["data"]["train_examples"]
    return {
        "rates": [event["data"]["examples_per_second"] for event in events[1:]],
        "processor_rates": [2 * rows / (end - begin) for begin, end in zip(processor, processor[1:])],
        "memory": usage.ru_maxrss / 1024,
        "test": last["data"]["test_metrics"],
    }


def reference(base, directory, *more, task="text-classification"):
    command = REFERENCE + ["--task", task, "--model", str(base), "--train", str(directory / "train.jsonl"), "--test", str(directory / "test.jsonl"), *more]
    result = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="PASSIVE"))
    if result.returncode:
        raise SystemExit(result.stderr[-2000:])
    line = json.loads(result.stdout.strip().splitlines()[-1])
    return line


def whole(name):
    """Returns all rows: the test rows of the files, or every tenth row for the test."""
    if name == "trec6":
        train = list(rows_of(name))
        test = [{"text": line.split(" ", 1)[1], "label": line.split(" ", 1)[0].split(":")[0]} for line in (DATA / "trec6/TREC.test.all").read_bytes().decode("latin-1").strip("\n").split("\n")]
    elif name == "wnut17":
        train, test = sentences("wnut17train.conll"), sentences("emerging.test.annotated")
    else:
        rows = list(rows_of(name))
        train, test = [row for i, row in enumerate(rows) if i % 10], rows[::10]
    directory = WORK / (name + "-whole")
    directory.mkdir(exist_ok=True)
    for split, rows in (("train", train), ("test", test)):
        (directory / (split + ".jsonl")).write_text("".join(json.dumps(row) + "\n" for row in rows))
    tags = {tag for row in train + test for tag in row.get("tags", [])}
    kinds = sorted({tag[2:] for tag in tags if tag != "O"})
    return directory, ["O"] + [p + kind for kind in kinds for p in ("B-", "I-")] if tags else sorted({row["label"] for row in train})


def sentences(file):
    rows, tokens, tags = [], [], []
    for line in (DATA / "wnut17" / file).read_text(encoding="utf-8").splitlines() + [""]:
        fields = line.split("\t")
        if len(fields) > 1 and fields[0].strip():
            tokens.append(fields[0])
            tags.append(fields[1].split(",")[0])
        elif tokens:
            rows.append({"tokens": tokens, "tags": tags})
            tokens, tags = [], []
    return rows


def quality(base):
    """Trains with the same seeds, rows and hyperparameters. No rows are for validation, so the last epoch counts."""
    epochs = int(os.environ.get("EPOCHS", "1"))
    for name in os.environ.get("DATASETS", "trec6,rt_polarity,wnut17").split(","):
        task, metric = ("token-classification", "f1") if name == "wnut17" else ("text-classification", "accuracy")
        directory, labels = whole(name)
        for precision in PRECISIONS:
            ours, theirs = [], []
            for seed in range(1, ROUNDS + 1):
                run = anneal(base, directory, labels, {"type": "full"}, epochs=epochs, task=task, seed=seed, test=True, precision=precision)
                ours.append(run["test"][metric])
                line = reference(base, directory, "--group-by-length", "--learning-rate", "1e-4", "--epochs", str(epochs), "--seed", str(seed), *of(precision), task=task)
                theirs.append(next(value for key, value in line.items() if metric in key))
                note(name, precision, seed, ours[-1], theirs[-1], run["rates"], run["processor_rates"], line["examples_per_second"], line["examples_per_processor_second"])
            print("| %s, %d epoch(s), %s, test %s | %s | %s |" % (name, epochs, precision, metric, ", ".join("%.4f" % v for v in ours), ", ".join("%.4f" % v for v in theirs)))
            sys.stdout.flush()


def lora(base):
    """Trains adapters of a decoder, SmolLM2-135M, on rows of 256 tokens, against the Trainer with peft."""
    decoder = pathlib.Path(os.environ["DECODER"])
    directory, _ = data("rt_polarity")
    target = WORK / "lm"
    target.mkdir(exist_ok=True)
    for split in ("train", "test"):
        texts = [json.loads(line)["text"] for line in (directory / (split + ".jsonl")).read_text().splitlines()]
        (target / (split + ".jsonl")).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    spec = {"type": "lora", "r": 8, "alpha": 16, "dropout": 0.0, "target_modules": ["q_proj", "v_proj"]}
    for precision in PRECISIONS:
        rounds = []
        for _ in range(ROUNDS):
            ours = anneal(decoder, target, [], spec, task="causal-lm", dropout=0.0, batch=8, length=256, epochs=2, precision=precision)
            theirs = reference(decoder, target, "--method", "lora", "--target-modules", "q_proj,v_proj", "--packing", "--max-length", "256", "--batch-size", "8", *of(precision), task="causal-lm")
            rounds.append([speeds(ours), None, speeds(theirs)])
            note("lora", precision, *rounds[-1])
        table("SmolLM2-135M, `lora` r=8 on q and v, rows of 256 tokens, %s" % precision, rounds)


def speeds(run):
    """Returns examples per second, elapsed and by processor time; ours without the first epoch, theirs without the first steps."""
    if "rates" in run:
        return run["rates"][1], run["processor_rates"][1]
    return run["examples_per_second"], run["examples_per_processor_second"]


def table(name, rounds):
    """Prints a line of medians for elapsed time and one for processor time."""
    for i, clock in enumerate(("elapsed", "processor")):
        ours, grouped, default = ([each[side][i] for each in rounds if each[side]] for side in range(3))
        cells = ["%.2f" % median(ours)]
        for theirs in (grouped, default):
            cells.append("%.2f (%.2f×)" % (median(theirs), median(a / b for a, b in zip(ours, theirs))) if theirs else "")
        print("| %s, %s | %s |" % (name, clock, " | ".join(cells)), flush=True)


def of(precision):
    return ["--bf16"] if precision == "bf16" else []


def median(values):
    return statistics.median(values)


def growth(base):
    """Measures the maximum resident memory in each quarter of 2,000 steps with texts of all lengths."""
    words = " ".join(row["text"] for row in rows_of("rt_polarity")).split()
    chance = random.Random(1)
    directory = WORK / "growth"
    directory.mkdir(exist_ok=True)
    with (directory / "train.jsonl").open("w") as file:
        for i in range(8000):
            at, length = chance.randrange(len(words) - 100), chance.randrange(1, 60)
            file.write(json.dumps({"text": " ".join(words[at : at + length]), "label": "ab"[i % 2]}) + "\n")
    child = trainer(work_directory(base, directory, ["a", "b"], {"type": "full"}, batch=4), subprocess.PIPE, subprocess.DEVNULL)
    most = [0, 0, 0, 0]
    for line in child.stdout:
        event = json.loads(line)
        if event["type"] == "step":
            status = pathlib.Path("/proc/%d/status" % child.pid).read_text()
            resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
            quarter = min(3, (event["data"]["step"] - 1) // 500)
            most[quarter] = max(most[quarter], resident)
    if child.wait():
        raise SystemExit("the trainer failed")
    print("| maximum resident memory, steps 1-500, -1000, -1500, -2000 | %s MB | | |" % ", ".join("%.0f" % m for m in most))


def estimates(base):
    """Prints the peak of resident memory in three steps, less that of a tiny model, beside the estimate."""
    decoder = pathlib.Path(os.environ["DECODER"])
    adapters = {"type": "lora", "r": 8, "alpha": 16, "dropout": 0.0, "target_modules": ["q_proj", "v_proj"]}
    whole = {"type": "full"}
    cases = [("MiniLM", base, whole, 32, 128), ("MiniLM", base, whole, 128, 128)]
    for method in (adapters, whole):
        cases += [(decoder.name, decoder, method, 4, 256), (decoder.name, decoder, method, 8, 512)]
    large = os.environ.get("LARGE")     # another decoder
    if large:
        cases.append((pathlib.Path(large).name, pathlib.Path(large), adapters, 4, 512))
    imports = peak(base, {"type": "head"}, 1, 16, "fp32", False)[0]
    weights = (base / "model.safetensors").stat().st_size / 1e6
    print("| model, method, batch, precision | checkpointing | estimated MB | peak MB | processor s of a step |\n|---|---|---|---|---|")
    for name, directory, method, batch, length in cases:
        for precision in PRECISIONS:
            for checkpointing in (False, True):
                most, seconds, estimate = peak(directory, method, batch, length, precision, checkpointing)
                print("| %s, %s, %d × %d, %s | %s | %.0f | %.0f | %.2f |" % (
                    name, method["type"], batch, length, precision, "on" if checkpointing else "off", estimate, most - imports + weights, seconds), flush=True)


def peak(directory, method, batch, length, precision, checkpointing):
    """Returns the peak in MB, the processor seconds of each of the last two of three steps, and the estimate."""
    long, labels = padded(batch * 3)
    decoder = "vocab_size" in (directory / "config.json").read_text() and "CausalLM" in (directory / "config.json").read_text()
    if decoder:
        text = " ".join(["a river runs through the old town"] * 100)
        for split in ("train", "test"):
            (long / (split + ".jsonl")).write_text("".join(json.dumps({"prompt": "%d" % i, "completion": text}) + "\n" for i in range(batch * 3)))
    work = work_directory(directory, long, [] if decoder else labels, method, task="causal-lm" if decoder else "text-classification", batch=batch, length=length,
                          dropout=0.0 if decoder else 0.1, options={"packing": False, "completions_only": True} if decoder else None, precision=precision, checkpointing=checkpointing)
    estimate = subprocess.run(JAVA + ["dev.anneal.training.EstimateOf", str(work)], capture_output=True, text=True, check=True).stdout.split()
    child = trainer(work, subprocess.PIPE, subprocess.DEVNULL)
    most, processor = 0, []
    for line in child.stdout:
        event = json.loads(line)
        if event["type"] in ("step", "epoch"):
            status = pathlib.Path("/proc/%d/status" % child.pid).read_text()
            most = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
            fields = pathlib.Path("/proc/%d/stat" % child.pid).read_text().rsplit(")", 1)[1].split()
            processor.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
        if event["type"] == "epoch":
            child.kill()
    child.wait()
    return most, (processor[-1] - processor[0]) / 2, float(estimate[1 if checkpointing else 0])


def memory_of(line):
    return next(value for key, value in line.items() if "resident" in key or "rss" in key or "memory" in key)


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def full(base):
    for name in ("trec6", "rt_polarity"):
        directory, labels = data(name)
        for precision in PRECISIONS:
            rounds = []
            for _ in range(ROUNDS):
                ours = anneal(base, directory, labels, {"type": "full"}, epochs=2, precision=precision)
                grouped = reference(base, directory, "--group-by-length", "--learning-rate", "1e-4", *of(precision))
                default = reference(base, directory, "--learning-rate", "1e-4", *of(precision))
                rounds.append([speeds(ours), speeds(grouped), speeds(default)])
                note(name, precision, *rounds[-1])
            table("%s, full, %s" % (name, precision), rounds)


def methods(base):
    directory, labels = data("trec6")
    found = {"full": [], "head": [], "frozen": []}
    for _ in range(ROUNDS):
        found["full"].append(anneal(base, directory, labels, {"type": "full"}, epochs=2)["rates"][1])
        found["head"].append(anneal(base, directory, labels, {"type": "head"}, epochs=4)["rates"][-1])
        found["frozen"].append(anneal(base, directory, labels, {"type": "frozen", "frozen_layers": 3, "freeze_embeddings": True}, epochs=2)["rates"][1])
        note({key: values[-1] for key, values in found.items()})
    for method in ("head", "frozen"):
        print("| trec6, `%s`%s, second epoch | %.1f | %.1f× of full |" % (
            method, " with 3 of 6 layers" if method == "frozen" else "", median(found[method]), median(found[method]) / median(found["full"])))


def memory(base):
    directory, labels = padded(256)
    ours = anneal(base, directory, labels, {"type": "full"})
    theirs = reference(base, directory)
    print("| peak resident memory, 32×128 | %.0f MB | %.0f MB |" % (ours["memory"], memory_of(theirs)))


if __name__ == "__main__":
    started = time.time()
    base = model()
    print("| | Anneal | Trainer, group_by_length | Trainer, default |\n|---|---|---|---|", flush=True)
    for part in (full, methods, memory, growth, lora, estimates, quality):
        if part.__name__ in (ONLY or "full methods memory").split():
            part(base)
            sys.stdout.flush()
    note("%.0f s" % (time.time() - started))
