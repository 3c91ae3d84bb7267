"""See bench/readers, which calls this. Fails if MLflow or TensorBoard reads something else than the API says."""

import csv
import datetime
import io
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request
import uuid

import mlflow
import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

URL, KEY, TRACKER, RUNS = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().strip(), sys.argv[3], pathlib.Path(sys.argv[4])
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
failures = []


def call(method, path, body=None, content_type="application/json"):
    """Returns the headers and the body of an answer."""
    request = urllib.request.Request(URL + path, data=body, method=method)
    request.add_header("Authorization", "Bearer " + KEY)
    if body is not None:
        request.add_header("Content-Type", content_type)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        raise SystemExit("%s %s: %d %s" % (method, path, refused.code, refused.read().decode()[:500]))


def get(path):
    return json.loads(call("GET", path)[1])


def upload():
    """Uploads rows of two clear classes. Returns the id of the dataset."""
    things, moods = ["film", "story", "script", "cast", "ending", "music"], ["from the start", "all the way through"]
    words = {"positive": ["wonderful", "moving", "brilliant", "delightful", "charming"], "negative": ["dreadful", "boring", "clumsy", "tedious", "awful"]}
    rows = "text,label\n" + "".join(
        "The %s was %s %s.,%s\n" % (thing, word, mood, label)
        for thing in things for mood in moods for label in words for word in words[label])
    boundary = uuid.uuid4().hex
    form = '--%s\r\nContent-Disposition: form-data; name="file"; filename="reviews.csv"\r\nContent-Type: text/csv\r\n\r\n%s\r\n--%s--\r\n' % (boundary, rows, boundary)
    return json.loads(call("POST", "/api/v1/datasets", form.encode(), "multipart/form-data; boundary=" + boundary)[1])["id"]


def run_job():
    """Runs a job that validates within its epochs, and that trains models of folds, whose figures have other names."""
    request = {
        "name": "readers", "base_model": "all-MiniLM-L6-v2", "dataset": upload(), "folds": 2,
        "hyperparameters": {"epochs": 2, "batch_size": 8, "eval_steps": 5, "seed": 7}}
    job = json.loads(call("POST", "/api/v1/jobs", json.dumps(request).encode())[1])["id"]
    await_that("the job ends", lambda: get("/api/v1/jobs/" + job)["status"] not in ("queued", "running"))
    view = get("/api/v1/jobs/" + job)
    if view["status"] != "succeeded":
        raise SystemExit("the job has the status %s: %s" % (view["status"], view.get("error")))
    return view


def await_that(what, condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("%s: not within %d s" % (what, seconds))
        time.sleep(0.5)


def millis(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (at - EPOCH) // datetime.timedelta(milliseconds=1)


def figures(job):
    """Returns the points (step, milliseconds, value) of each figure, in their order, from the CSV file of the API."""
    points = {}
    for row in csv.DictReader(io.StringIO(call("GET", "/api/v1/jobs/%s/metrics.csv" % job)[1].decode())):
        points.setdefault(row["name"], []).append((int(row["step"]), millis(row["time"]), float(row["value"])))
    return points


def check(what, expected, found):
    equal = expected == found
    print("%s %s" % ("equal    " if equal else "DIFFERENT", what))
    if not equal:
        print("  expected: %s\n  found:    %s" % (str(expected)[:400], str(found)[:400]))
        failures.append(what)


def read_by_tensorboard(job, points):
    headers, content = call("GET", "/api/v1/jobs/%s/tensorboard" % job)
    RUNS.mkdir()
    (RUNS / re.search('filename="([^"]+)"', headers["Content-Disposition"]).group(1)).write_bytes(content)
    reader = EventAccumulator(str(RUNS), size_guidance={"scalars": 0})
    reader.Reload()
    check("TensorBoard: names", sorted(points), sorted(reader.Tags()["scalars"]))
    for name, expected in points.items():
        # The file has values of 32 bits, and seconds.
        check(
            "TensorBoard: %s, %d points" % (name, len(expected)),
            [(step, at / 1000, float(numpy.float32(value))) for step, at, value in expected],
            [(event.step, event.wall_time, event.value) for event in reader.Scalars(name)])


def read_by_mlflow(view, points):
    client = mlflow.MlflowClient(TRACKER)
    job = view["id"]

    def runs():
        experiment = client.get_experiment_by_name("anneal/default")
        return client.search_runs([experiment.experiment_id], "tags.`anneal.job` = '%s'" % job) if experiment else []

    await_that("MLflow has the finished run", lambda: [run.info.status for run in runs()] == ["FINISHED"], 60)
    run = runs()[0]
    check("MLflow: name", view["name"], run.info.run_name)
    check("MLflow: model", view["model"], run.data.tags["anneal.model"])
    given = {name: value for name, value in view["hyperparameters"].items() if value is not None}
    given.pop("precision", None)  # is auto when the run is created
    sent = {name: run.data.params.get("hyperparameters." + name) for name in given}
    check("MLflow: %d hyperparameters" % len(given), given, {
        name: text if isinstance(given[name], str) or text is None else json.loads(text) for name, text in sent.items()})
    tests = {"test_" + name: value for name, value in view["test_metrics"].items() if isinstance(value, (int, float))}
    check("MLflow: test metrics", tests, {name: run.data.metrics.get(name) for name in tests})
    expected = {re.sub(r"[^\w./ -]", "_", name, flags=re.ASCII): of for name, of in points.items()}
    check("MLflow: names", sorted(list(expected) + list(tests)), sorted(run.data.metrics))
    for name, of in expected.items():
        history = client.get_metric_history(run.info.run_id, name)
        check("MLflow: %s, %d points" % (name, len(of)), sorted(set(of)), sorted((each.step, each.timestamp, each.value) for each in history))
    report = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="report.json", dst_path=str(RUNS))
    check("MLflow: report", get("/api/v1/jobs/%s/report" % job), json.loads(pathlib.Path(report).read_text()))


mlflow.set_tracking_uri(TRACKER)
ended = run_job()
all_points = figures(ended["id"])
if len(all_points) < 8 or not any(name.startswith("fold ") for name in all_points):
    failures.append("the job has too few figures to compare: %s" % sorted(all_points))
read_by_tensorboard(ended["id"], all_points)
read_by_mlflow(ended, all_points)
print("%d of the comparisons differ" % len(failures) if failures else "all are equal")
sys.exit(bool(failures))
