"""Continues the pretraining of an imported model on domain text, then fine-tunes a classifier on the result, through the API.

    python bench/domain.py <model directory, e.g. of bench/reference/bert_base.py> <text file> [url] [key file]
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

MODEL, TEXT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
URL = (sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:8420") + "/api/v1"
KEY = pathlib.Path(sys.argv[4] if len(sys.argv) > 4 else os.path.expanduser("~/.anneal/admin.key")).read_text().strip()
ROWS = int(os.environ.get("ROWS", "320"))


def call(path, body=None, method=None):
    request = urllib.request.Request(URL + path, method=method, headers={"Authorization": "Bearer " + KEY})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as error:
        raise SystemExit(error.read().decode())


def upload(path, file, **fields):
    command = ["curl", "-sS", "-H", "Authorization: Bearer " + KEY, "-F", "file=@%s" % file]
    for name, value in fields.items():
        command += ["-F", "%s=%s" % (name, value)]
    answer = json.loads(subprocess.run(command + [URL + path], check=True, capture_output=True).stdout)
    if "id" not in answer:
        raise SystemExit(answer)
    return answer


def wait(job):
    while True:
        job = call("/jobs/" + job["id"])
        if job["status"] in ("succeeded", "failed", "cancelled"):
            return job
        time.sleep(1)


work = pathlib.Path(tempfile.mkdtemp(prefix="domain"))
archive = work / (MODEL.name + ".zip")
with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
    for file in sorted(MODEL.iterdir()):
        if file.is_file():
            out.write(file, file.name)
name = MODEL.name + "-%d" % time.time()
model = upload("/models", archive, name=name)
print("imported %s: %s, %s, %d parameters" % (name, model["architecture"], model["task"], model["parameters"]))
lines = [line for line in TEXT.read_text(encoding="latin-1").splitlines() if line.strip()][:ROWS]
corpus = work / "corpus.jsonl"
corpus.write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
dataset = upload("/datasets", corpus, task="masked-lm")
job = wait(call("/jobs", {
    "base_model": name, "dataset": dataset["id"], "task": "masked-lm",
    "hyperparameters": {"epochs": 1, "max_length": 64, "batch_size": 16}}))
print("masked-lm job %s: %s" % (job["id"], job["status"]), job.get("error") or "")
for event in call("/jobs/%s/events?limit=100" % job["id"])["data"]:
    message = str(event.get("data", {}).get("message", ""))
    if "before training" in message:
        print(message)
print("after: validation loss %.4f, test %s" % (job["metrics"][-1]["validation_loss"], job["test_metrics"]))
rows = work / "rows.csv"
rows.write_text("text,label\n" + "".join('"%s",%s\n' % (re.sub('"', "", line), "ab"[i % 2]) for i, line in enumerate(lines[:60])))
second = call("/jobs", {"base_model": job["model"], "dataset": upload("/datasets", rows)["id"]})
print("a classification job on %s: %s" % (job["model"], second["status"]))
call("/jobs/%s/cancel" % second["id"], method="POST")
