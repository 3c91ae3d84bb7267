"""Called by bench/tokenize, which says what it measures."""
import glob
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

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


def work_directory(rows):
    path = os.path.join(DIRECTORY, "compared")
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
    placement = {"base_model": os.path.join(DIRECTORY, "base"), "device": "cpu", "threads": 2, "precision": "fp32"}
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


def serve(home):
    """Starts a server with its own Postgres, and returns the process and the environment of clients."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = "http://127.0.0.1:%d" % free.getsockname()[1]
    log = os.path.join(home, "server.log")
    with open(log, "w") as out:
        server = subprocess.Popen(["./anneal", "serve", "--port", url.split(":")[-1], "--data", home, "--anneal.limits.max-rows=0"], stdout=out, stderr=out)
    while server.poll() is None:
        try:
            urllib.request.urlopen(url + "/actuator/health/readiness").close()
            with open(os.path.join(home, "admin.key")) as key:
                return server, {"ANNEAL_URL": url, "ANNEAL_KEY": key.read().strip()}
        except OSError:
            time.sleep(0.2)
    sys.exit(open(log).read()[-3000:])


def call(client, method, path, body=None):
    request = urllib.request.Request(client["ANNEAL_URL"] + "/api/v1" + path, None if body is None else json.dumps(body).encode(), {
        "Authorization": "Bearer " + client["ANNEAL_KEY"], "Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        sys.exit("%s %s: %s" % (method, path, problem.read().decode()))


def trainer(job):
    """Returns the number and the heap of the process that trains a job, or nothing if there is none."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path) as command:
                words = command.read().split("\0")
        except OSError:
            continue
        if "dev.anneal.training.Trainer" in words and any(job in word for word in words):
            return int(path.split("/")[2]), next(word[4:] for word in words if word.startswith("-Xmx"))
    return None


def start_job(client, name):
    """Starts a job on the uploaded rows, cancels it after its first step, and returns how many rows it tokenized."""
    begun = time.time()
    job = call(client, "POST", "/jobs", {
        "name": name, "base_model": "all-MiniLM-L6-v2", "dataset": "rows", "method": {"type": "full"}, "max_attempts": 1,
        "hyperparameters": {"epochs": 1, "batch_size": 32, "max_length": MAX_LENGTH, "precision": "fp32"}})["id"]
    process, peak, after, start = None, [0, 0], 0, None
    while True:
        process = process or trainer(job)
        try:
            peak = [max(both) for both in zip(peak, memory(process[0]))] if process else peak
        except OSError:
            pass  # the trainer has ended, and an event will say why
        for event in call(client, "GET", "/jobs/%s/events?limit=100&after=%d" % (job, after))["data"]:
            after, data = event["id"], event["data"]
            if "rows_tokenized" in data.get("data", {}):
                start, started = data["data"], time.time() - begun
            if data.get("status") in ("failed", "succeeded", "cancelled"):
                sys.exit("Missed: the %s is %s before its first step: %s" % (name, data["status"], data.get("error")))
            if event["type"] == "step":
                tokenized = start["rows_tokenized"], start["rows_tokenized_before"]
                print("| %s | %d | %d | %.1f | %.1f | %s | %.0f | %.0f |" % (name, *tokenized, started, time.time() - begun, process[1], *peak), flush=True)
                call(client, "POST", "/jobs/%s/cancel" % job)
                while trainer(job):
                    time.sleep(0.1)
                return tokenized
        time.sleep(0.1)


def train(rows):
    """Uploads rows to a new server, and starts two jobs on them, one after the other."""
    home = os.path.join(DIRECTORY, "server")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    server, client = serve(home)
    try:
        subprocess.run(["./anneal", "upload", "--train", rows, "--name", "rows", "--checks", "near_duplicates=false"], check=True, env=dict(os.environ, **client))
        print("\n| | rows tokenized | by an earlier job | s to the start | s to the first step | heap | peak MB | of it not mapped from files |")
        print("|---|---|---|---|---|---|---|---|")
        for name, expected in (("first job", (TRAINED, 0)), ("second job", (0, TRAINED))):
            if start_job(client, name) != expected:
                sys.exit("Missed: the %s must tokenize %d rows, and find %d that an earlier job tokenized." % (name, *expected))
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home)


def main():
    os.makedirs(DIRECTORY, exist_ok=True)
    compared = os.path.join(DIRECTORY, "rows-%d.jsonl" % COMPARED)
    if ROUNDS:
        write_rows(compared, COMPARED)
    base = os.path.join(DIRECTORY, "base")
    ours, reading, mapping = [], [], []
    for _ in range(ROUNDS):
        path = work_directory(compared)
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
        trained = os.path.join(DIRECTORY, "rows-%d.jsonl" % TRAINED)
        write_rows(trained, TRAINED)
        train(trained)


main()
