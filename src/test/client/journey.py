"""The whole journey from a file to a model's answers, through the generated client only."""

import io
import json
import sys
import time
import zipfile
from pathlib import Path

import anneal_client as anneal

TIMEOUT_SECONDS = 900
steps = 0


def step(words):
    global steps
    steps += 1
    print(f"{steps:2}. {words}", flush=True)


def wait(what, fetch, done):
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not done(thing := fetch()):
        assert time.monotonic() < deadline, f"{what} took more than {TIMEOUT_SECONDS} s: {thing}"
        time.sleep(0.5)
    return thing


def refused(exception, call):
    """The problem with which the server answers a call that it must refuse."""
    try:
        call()
    except exception as refusal:
        assert isinstance(refusal.data, anneal.Problem), refusal
        assert refusal.headers["Content-Type"].startswith("application/problem+json"), refusal.headers
        assert refusal.data.status == refusal.status and refusal.data.code, refusal.data
        return refusal.data
    raise AssertionError(f"not refused with {exception.__name__}")


def events(jobs, job):
    """All events, in pages of a few."""
    found, after = [], None
    while True:
        page = jobs.list_job_events(job, limit=7, after=after)
        found += page.data
        if not page.has_more:
            return found
        assert len(page.data) == 7, page
        after = page.data[-1].id


def main(url, key_file, csv):
    key = Path(key_file).expanduser().read_text().strip()
    client = anneal.ApiClient(anneal.Configuration(host=url.rstrip("/"), access_token=key))
    datasets, jobs = anneal.DatasetsApi(client), anneal.JobsApi(client)
    models, inference = anneal.ModelsApi(client), anneal.InferenceApi(client)

    assert anneal.ServerApi(client).readiness().status == "UP"
    step("the server is ready")

    stranger = anneal.ApiClient(anneal.Configuration(host=url.rstrip("/"), access_token="wrong"))
    problem = refused(anneal.exceptions.UnauthorizedException, anneal.JobsApi(stranger).list_jobs)
    step(f"a wrong key is refused: {problem.code}")

    content = Path(csv).read_bytes()
    dataset = datasets.create_dataset(
        file=[("reviews.csv", content)], name="client journey", split=json.dumps({"validation": 0.1, "test": 0.1, "seed": 1})
    )
    dataset = wait("the dataset", lambda: datasets.get_dataset(dataset.id), lambda it: it.status != "validating")
    assert dataset.status == "ready" and dataset.format == "csv", dataset
    assert dataset.size_bytes == len(content) and dataset.problem_count == 0, dataset
    assert sum(label.count for label in dataset.labels) == dataset.row_count, dataset
    splits = dataset.splits
    assert splits.train + splits.validation + splits.test == dataset.row_count and splits.test > 0, dataset
    labels = {label.name for label in dataset.labels}
    step(f"uploaded {dataset.id}: {dataset.row_count} rows, labels {', '.join(sorted(labels))}")

    assert dataset.id in [it.id for it in datasets.list_datasets(limit=100).data]
    rows = datasets.list_dataset_rows(dataset.id, split=anneal.Split.TEST, limit=5)
    assert len(rows.data) == min(5, splits.test) and rows.has_more == (splits.test > 5), rows
    assert all(row.split == anneal.Split.TEST and row.label in labels for row in rows.data), rows
    statistics = datasets.get_dataset_statistics(dataset.id)
    assert sum(label.test for label in statistics.labels) == splits.test, statistics
    step(f"read rows and statistics: {statistics.text_length.mean:.0f} characters a text")

    problem = refused(
        anneal.exceptions.UnprocessableEntityException,
        lambda: datasets.create_dataset(file=[("bad.csv", b"text,label\nfine,good\n,bad\nfine too,good\n")]),
    )
    assert any(error.line == 3 for error in problem.errors), problem
    found = datasets.list_dataset_problems(problem.dataset)
    assert found.data[0].line == 3, found
    table = datasets.export_dataset_problems(problem.dataset).decode()
    assert table.splitlines()[1].startswith(",3,"), table
    assert datasets.get_dataset(problem.dataset).status == "rejected"
    datasets.delete_dataset(problem.dataset)
    step(f"a bad file is refused: {problem.code}, line 3: {found.data[0].message}")

    unknown = anneal.JobRequest(base_model="no-such-model", dataset=dataset.id)
    problem = refused(anneal.exceptions.UnprocessableEntityException, lambda: jobs.create_job(unknown))
    assert problem.code == "unknown_base_model", problem
    # The Python generator renames a property called field.
    assert [error.var_field for error in problem.errors] == ["base_model"], problem
    step(f"an unknown base model is refused: {problem.errors[0].message}")

    request = anneal.JobRequest(
        name="client journey",
        task=anneal.Task.TEXT_CLASSIFICATION,
        base_model="all-MiniLM-L6-v2",
        dataset=dataset.id,
        hyperparameters=anneal.HyperparameterChoices(
            epochs=anneal.IntegerOrAuto(2),
            batch_size=anneal.IntegerOrAuto(16),
            learning_rate=anneal.NumberOrAuto("auto"),
            max_length=anneal.IntegerOrAuto(32),
            seed=anneal.IntegerOrAuto(7),
        ),
        early_stopping=anneal.EarlyStopping(metric="loss", patience=2),
        metadata={"from": "journey.py"},
    )
    created = jobs.create_job_with_http_info(request, idempotency_key=f"journey-{dataset.id}")
    job = created.data
    assert created.status_code == 201 and created.headers["Location"].endswith(f"/api/v1/jobs/{job.id}"), created.headers
    assert job.hyperparameters.batch_size == 16 and job.hyperparameters.learning_rate > 0, job.hyperparameters
    assert job.metadata == {"from": "journey.py"} and job.early_stopping.patience == 2, job
    assert jobs.create_job(request, idempotency_key=f"journey-{dataset.id}").id == job.id
    step(f"posted {job.id}, once although twice")

    problem = refused(anneal.exceptions.ConflictException, lambda: datasets.delete_dataset(dataset.id))
    step(f"its dataset cannot be deleted now: {problem.code}")

    ended = {anneal.JobStatus.SUCCEEDED, anneal.JobStatus.FAILED, anneal.JobStatus.CANCELLED}
    job = wait("the job", lambda: jobs.get_job(job.id), lambda it: it.status in ended)
    assert job.status == anneal.JobStatus.SUCCEEDED and job.error is None, job
    assert [epoch.epoch for epoch in job.metrics] == list(range(1, job.hyperparameters.epochs + 1)), job.metrics
    assert job.metrics[-1].validation_loss is not None and job.best.epoch in range(1, len(job.metrics) + 1), job
    assert job.created_at <= job.started_at <= job.finished_at, job
    assert job.id in [it.id for it in jobs.list_jobs(status=anneal.JobStatus.SUCCEEDED, limit=100).data]
    step(f"it succeeded: test accuracy {job.test_metrics.accuracy:.3f}")

    happened = events(jobs, job.id)
    assert [event.id for event in happened] == list(range(1, len(happened) + 1)), [event.id for event in happened]
    assert {"status", "step", "epoch"} <= {event.type for event in happened}, happened
    assert happened[-1].type == "status" and happened[-1].data["status"] == "succeeded", happened[-1]
    step(f"paged its {len(happened)} events")

    report = jobs.get_job_report(job.id)
    assert report.split == anneal.ComputedSplit.TEST_SPLIT and report.examples == splits.test, report
    assert {label.label for label in report.labels} == labels, report
    assert sum(map(sum, report.confusion_matrix)) == report.examples, report
    assert abs(report.accuracy - job.test_metrics.accuracy) < 1e-6, report
    step(f"read its report: macro F1 {report.f1_macro:.3f} on {report.examples} rows")

    model = models.get_model(job.model)
    assert model.kind == anneal.ModelKind.FINE_TUNED and model.job == job.id, model
    assert set(model.labels) == labels and model.dataset == dataset.id, model
    assert model.id in [it.id for it in models.list_models(kind=anneal.ModelKind.FINE_TUNED, limit=100).data]
    assert models.get_model("all-MiniLM-L6-v2").kind == anneal.ModelKind.BASE
    step(f"found the model {model.id}: {model.parameters:,} parameters")

    texts = [row.text for row in rows.data]
    inputs = [*texts, anneal.TextInput(text=texts[0])]
    answer = inference.predict(
        model.id, anneal.PredictionRequest(inputs=[anneal.PredictionInput(it) for it in inputs])
    )
    assert len(answer.predictions) == len(texts) + 1, answer
    for prediction in answer.predictions:
        assert prediction.label in labels and set(prediction.scores) == labels, prediction
        assert abs(sum(prediction.scores.values()) - 1) < 1e-3, prediction
        assert prediction.score == max(prediction.scores.values()), prediction
    assert abs(answer.predictions[0].score - answer.predictions[-1].score) < 1e-4, answer
    step(f"asked it about {len(texts) + 1} texts: {answer.predictions[0].label} {answer.predictions[0].score:.3f}")

    archive = zipfile.ZipFile(io.BytesIO(models.download_model(model.id)))
    assert archive.testzip() is None
    names = {Path(name).name for name in archive.namelist()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names, names
    config = json.loads(archive.read(next(name for name in archive.namelist() if Path(name).name == "config.json")))
    assert set(config["id2label"].values()) == labels, config
    step(f"downloaded it: {', '.join(sorted(names))}")

    models.delete_model(model.id)
    refused(anneal.exceptions.NotFoundException, lambda: models.get_model(model.id))
    datasets.delete_dataset(dataset.id)
    problem = refused(anneal.exceptions.NotFoundException, lambda: datasets.get_dataset(dataset.id))
    step(f"deleted the model and the dataset: {problem.code}")

    print(f"journey: {steps} steps passed")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: journey.py <base url> <key file> <csv file>")
    main(*sys.argv[1:])
