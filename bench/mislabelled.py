"""See bench/mislabelled, which calls this."""

import csv
import io
import json
import os
import pathlib
import random
import statistics
import sys
import time
import urllib.error
import urllib.request
import uuid

DATA, URL, KEY = pathlib.Path(sys.argv[1]), sys.argv[2] + "/api/v1", pathlib.Path(sys.argv[3]).read_text().strip()
SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "1").split()]
SETTINGS = {"epochs": int(os.environ.get("EPOCHS", "1")), "batch_size": 16, "learning_rate": 2e-4, "max_length": 64, "precision": os.environ.get("PRECISION", "auto")}
FOLDS, SHARE = int(os.environ.get("FOLDS", "3")), 0.05
ROWS = int(os.environ.get("ROWS", "0")) or None


def call(method, path, body=None, headers=None):
    headers = dict(headers or {}, Authorization="Bearer " + KEY)
    if body is not None and not isinstance(body, bytes):
        body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(URL + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        raise SystemExit("%s %s: %s" % (method, path, problem.read().decode()))


def rows():
    """Returns text, label, split and whether the label was flipped; 10 % are for validation and 10 % for the test."""
    found = []
    for file, label in (("rt-polarity.neg", "neg"), ("rt-polarity.pos", "pos")):
        for line in (DATA / "rt_polarity" / file).read_bytes().decode("latin-1").strip("\n").split("\n"):
            found.append([line, label, "train", False])
    draw = random.Random(1)
    draw.shuffle(found)
    found = found[:ROWS]
    for i, row in enumerate(found):
        row[2] = {0: "validation", 1: "test"}.get(i % 10, "train")
    train = [row for row in found if row[2] == "train"]
    for row in draw.sample(train, round(SHARE * len(train))):
        row[1], row[3] = {"neg": "pos", "pos": "neg"}[row[1]], True
    return found


def existing(kind, name):
    return next((each for each in call("GET", "/%s?limit=100" % kind)["data"] if each["name"] == name and each["status"] not in ("failed", "cancelled")), None)


def upload(name, found):
    there = existing("datasets", name)
    if there:
        return there["id"]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["text", "label", "split"])
    writer.writerows(row[:3] for row in found)
    boundary = uuid.uuid4().hex
    part = '--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n--%s--\r\n' % (boundary, name, table.getvalue(), boundary)
    return ready(call("POST", "/datasets", part.encode(), {"Content-Type": "multipart/form-data; boundary=" + boundary})["id"])


def ready(dataset):
    while True:
        found = call("GET", "/datasets/" + dataset)
        if found["status"] != "validating":
            if found["status"] != "ready":
                raise SystemExit("dataset %s is %s" % (dataset, found["status"]))
            return dataset
        time.sleep(1)


def train(name, dataset, seed, folds=None):
    """Returns the report of a job."""
    job = existing("jobs", name) or call("POST", "/jobs", {
        "name": name, "base_model": "all-MiniLM-L6-v2", "dataset": dataset, "folds": folds,
        "hyperparameters": dict(SETTINGS, seed=seed), "task_options": {"calibrate": True}})
    while job["status"] not in ("succeeded", "failed", "cancelled"):
        time.sleep(2)
        job = call("GET", "/jobs/" + job["id"])
    if job["status"] != "succeeded":
        raise SystemExit("%s is %s: %s" % (name, job["status"], job["error"]))
    return call("GET", "/jobs/%s/report" % job["id"])


def fixed(dataset, name, step):
    there = existing("datasets", name)
    return there["id"] if there else ready(call("POST", "/datasets/%s/versions" % dataset, {"name": name, "steps": [step]})["id"])


def main():
    found = rows()
    flipped = {i + 1 for i, row in enumerate(found) if row[3]}
    trained = sum(row[2] == "train" for row in found)
    dataset = upload("rt-flipped.csv", found)
    report = train("rt-flipped-folds", dataset, SEEDS[0], FOLDS)
    for name, spread in report["cross_validation"]["metrics"].items():
        print("%-22s mean %.4f  deviation %.4f" % (name, spread["mean"], spread["deviation"]))
    of_training = next(each for each in report["findings"]["likely_mislabelled"] if each["split"] == "train")
    named = [row["row"] for row in of_training["rows"]]
    sure = {row["row"]: row["suggested_label"] for row in of_training["rows"] if row["confident"]}
    print("%d of %d training rows have a flipped label; %d rows are named by %s" % (len(flipped), trained, len(named), of_training["scores"]))
    print("among the named tenth: %.1f %% of the flipped rows" % (100 * len(flipped & set(named)) / len(flipped)))
    print("dropped: %d rows, %d of them flipped" % (len(sure), len(flipped & set(sure))))
    versions = {
        "flipped": dataset,
        "dropped": fixed(dataset, "rt-dropped.csv", {"type": "drop_rows", "numbers": sorted(sure)}),
    }
    accuracies = {}
    for name, version in versions.items():
        for seed in SEEDS:
            # The model of a job is the same with folds and without.
            isFolds = name == "flipped" and seed == SEEDS[0]
            report = train("rt-flipped-folds" if isFolds else "rt-%s-%d" % (name, seed), version, seed, FOLDS if isFolds else None)
            before, after = (report["calibration"][part]["ece"] for part in ("uncalibrated", "calibrated"))
            accuracies.setdefault(name, []).append(report["accuracy"])
            print("%s, seed %d: test accuracy %.4f, ECE %.4f, with the temperature %.2f %.4f (%.2f)" % (
                name, seed, report["accuracy"], before, report["calibration"]["temperature"], after, after / before), flush=True)
    print("mean accuracy", {name: round(statistics.mean(values), 4) for name, values in accuracies.items()})


main()
