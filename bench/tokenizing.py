"""Called by bench/tokenize, which says what it measures."""
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

CLASS_PATH, COMPARED, ROUNDS, TRAINED, DIRECTORY = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), os.path.abspath(sys.argv[5])
MAX_LENGTH = 64
LABELS = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"]
# As the worker starts a trainer.
JAVA = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxDirectMemorySize=4g", "-cp", CLASS_PATH]
ENVIRONMENT = dict(os.environ, OMP_WAIT_POLICY="PASSIVE", MALLOC_MMAP_THRESHOLD_="4294967296", MALLOC_TRIM_THRESHOLD_="8589934592")

PYTHON = """
import json, shutil, sys, time
from datasets import load_dataset, disable_progress_bars
from transformers import PreTrainedTokenizerFast
disable_progress_bars()
rows, base, cache = sys.argv[1:4]
tokenizer = PreTrainedTokenizerFast(tokenizer_file=base + "/tokenizer.json")
start = time.time()
data = load_dataset("json", data_files=rows, cache_dir=cache, split="train")
read = time.time()
done = data.map(lambda batch: tokenizer(batch["text"], truncation=True, max_length=%d), batched=True, num_proc=2,
                load_from_cache_file=False)
end = time.time()
print(json.dumps({"read": read - start, "map": end - read, "tokens": sum(map(len, done[:1000]["input_ids"]))}))
""" % MAX_LENGTH


def words():
    with open("../shared/data/trec6/TREC.train.all", encoding="latin-1") as questions:
        return [word for line in questions for word in line.split()[1:]]


def write_rows(path, count):
    if os.path.exists(path):
        return
    drawn = random.Random(1)
    vocabulary = words()
    with open(path + ".part", "w") as out:
        for number in range(1, count + 1):
            text = " ".join(drawn.choices(vocabulary, k=drawn.randint(4, 16)))
            out.write(json.dumps({"row": number, "text": text, "label": drawn.choice(LABELS)}) + "\n")
    os.rename(path + ".part", path)


def last_json(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(result.stderr[-3000:])
    return json.loads(result.stdout.strip().splitlines()[-1])


def work_directory(name, rows, threads=2):
    path = os.path.join(DIRECTORY, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    os.link(rows, os.path.join(path, "train.jsonl"))
    spec = {
        "task": "text-classification", "labels": LABELS, "method": {"type": "full"}, "best_metric": "loss", "dataset": "ds_1",
        "hyperparameters": {
            "epochs": 1, "batch_size": 32, "learning_rate": 5e-5, "weight_decay": 0.01, "warmup_ratio": 0.1, "max_grad_norm": 1.0,
            "dropout": 0.1, "max_length": MAX_LENGTH, "precision": "fp32", "seed": 42, "gradient_accumulation_steps": 1,
            "lr_scheduler_type": "linear", "layerwise_lr_decay": 1.0},
    }
    placement = {
        "base_model": os.path.join(DIRECTORY, "base"), "device": "cpu", "threads": threads, "precision": "fp32",
        "tokenized_rows": os.path.join(DIRECTORY, "shared"), "tokenized_bytes": 20 << 30}
    for file, content in (("spec.json", spec), ("placement.json", placement)):
        with open(os.path.join(path, file), "w") as out:
            json.dump(content, out)
    return path


def memory(pid):
    """The resident megabytes of a process: all, and those that are not pages of files."""
    fields = {}
    with open("/proc/%d/status" % pid) as status:
        for line in status:
            name, value = line.split(":", 1)
            if name in ("VmRSS", "RssAnon"):
                fields[name] = int(value.split()[0]) / 1000
    return fields.get("VmRSS", 0), fields.get("RssAnon", 0)


def start_trainer(name, rows):
    path = work_directory(name, rows)
    begun = time.time()
    trainer = subprocess.Popen(JAVA + ["dev.anneal.training.Trainer", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=ENVIRONMENT)
    peak = [0, 0]

    def watch():
        while trainer.poll() is None:
            try:
                peak[:] = map(max, peak, memory(trainer.pid))
            except OSError:
                return
            time.sleep(0.05)

    threading.Thread(target=watch, daemon=True).start()
    started = None
    for line in trainer.stdout:
        event = json.loads(line)
        if event["type"] == "start":
            started = time.time() - begun
            tokenized = event["data"]["rows_tokenized"]
        if event["type"] == "step":
            break
    else:
        sys.exit(trainer.stderr.read()[-3000:])
    seconds = time.time() - begun
    trainer.kill()
    trainer.wait()
    print("| %s | %d | %.1f | %.1f | %.0f | %.0f |" % (name, tokenized, started, seconds, peak[0], peak[1]), flush=True)


def main():
    os.makedirs(DIRECTORY, exist_ok=True)
    compared, trained = os.path.join(DIRECTORY, "compared.jsonl"), os.path.join(DIRECTORY, "trained.jsonl")
    write_rows(compared, COMPARED)
    if TRAINED:
        write_rows(trained, TRAINED)
    base = os.path.join(DIRECTORY, "base")
    ours, reading, mapping = [], [], []
    for _ in range(ROUNDS):
        path = work_directory("compared", compared)
        result = last_json(JAVA + ["dev.anneal.training.TokenizeBench", base, path], env=ENVIRONMENT)
        ours.append(result["seconds"])
        cache = os.path.join(DIRECTORY, "datasets")
        shutil.rmtree(cache, ignore_errors=True)
        theirs = last_json([sys.executable, "-c", PYTHON, compared, base, cache])
        reading.append(theirs["read"])
        mapping.append(theirs["map"])
        if result["tokens"] != theirs["tokens"]:
            sys.exit("The first 1,000 rows have %d tokens here and %d there." % (result["tokens"], theirs["tokens"]))
        print("round: %.1f s here; reading %.1f s and map %.1f s there" % (ours[-1], reading[-1], mapping[-1]), flush=True)
        shutil.rmtree(cache, ignore_errors=True)
    if ROUNDS:
        median = statistics.median
        both = median([a + b for a, b in zip(reading, mapping)])
        print("\n%d rows, medians of %d rounds\n" % (COMPARED, ROUNDS))
        print("| | seconds | rows/s | ratio |\n|---|---|---|---|")
        print("| a trainer, reading JSON included | %.1f | %.0f | |" % (median(ours), COMPARED / median(ours)))
        print("| datasets.map | %.1f | %.0f | %.2f |" % (median(mapping), COMPARED / median(mapping), median(mapping) / median(ours)))
        print("| … and reading JSON | %.1f | %.0f | %.2f |" % (both, COMPARED / both, both / median(ours)))
    if TRAINED:
        print("\n%d rows, heap 1g\n" % TRAINED)
        print("| | rows tokenized | s to the start | s to the end of the first step | peak MB | of it not mapped from files |")
        print("|---|---|---|---|---|---|")
        shutil.rmtree(os.path.join(DIRECTORY, "shared"), ignore_errors=True)
        start_trainer("first job", trained)
        start_trainer("second job", trained)


main()
