"""The whole journey from a file to a model's answers, through the client that openapi-python-client writes."""

import io
import sys
import time
import zipfile
from pathlib import Path

from anneal_client import AuthenticatedClient
from anneal_client.api.datasets import create_dataset, delete_dataset
from anneal_client.api.inference import predict
from anneal_client.api.jobs import create_job, get_job, get_job_report, list_job_events
from anneal_client.api.models import delete_model, download_model
from anneal_client.models import (
    DatasetUpload,
    HyperparameterChoices,
    JobRequest,
    JobStatus,
    PredictionRequest,
    Problem,
    TextInput,
)
from anneal_client.types import File


def main(url, key_file, csv):
    client = AuthenticatedClient(base_url=url, token=Path(key_file).read_text().strip(), timeout=60)

    with open(csv, "rb") as rows:
        upload = DatasetUpload(file=[File(payload=rows, file_name=Path(csv).name)], split='{"validation": 0.2, "test": 0.2}')
        dataset = create_dataset.sync(client=client, body=upload)
    assert dataset.status == "ready", dataset

    refused = create_job.sync(client=client, body=JobRequest(base_model="no-such-model", dataset=dataset.id))
    assert isinstance(refused, Problem) and refused.code == "unknown_base_model", refused

    choices = HyperparameterChoices(epochs=1, batch_size=16, max_length=32)
    job = create_job.sync(
        client=client, body=JobRequest(base_model="all-MiniLM-L6-v2", dataset=dataset.id, hyperparameters=choices)
    )
    after = 0
    while job.finished_at is None:
        for event in list_job_events.sync(job.id, client=client, after=after).data:
            after = event.id
        time.sleep(0.3)
        job = get_job.sync(job.id, client=client)
    assert job.status == JobStatus.SUCCEEDED and after > 0, job

    report = get_job_report.sync(job.id, client=client)
    assert report.split == "test" and report.examples == dataset.splits.test, report

    inputs = PredictionRequest(inputs=["I loved it.", TextInput(text="I hated it.")])
    answer = predict.sync(job.model, client=client, body=inputs)
    assert len(answer.predictions) == 2 and answer.predictions[0].label, answer

    content = download_model.sync(job.model, client=client).payload.read()
    assert "model.safetensors" in zipfile.ZipFile(io.BytesIO(content)).namelist()

    assert delete_model.sync_detailed(job.model, client=client).status_code == 204
    assert delete_dataset.sync_detailed(dataset.id, client=client).status_code == 204
    print(f"openapi-python-client: {job.id}, accuracy {report.accuracy}, zip of {len(content)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
