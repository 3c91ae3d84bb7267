"""Sends a file in parts with tuspy, stops, resumes as another process would, and makes a dataset of the upload."""

import hashlib
import pathlib
import sys

import requests
from tusclient import client

url, key, path = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().strip(), sys.argv[3]
content = pathlib.Path(path).read_bytes()
part = len(content) // 3
headers = {"Authorization": f"Bearer {key}"}

tus = client.TusClient(f"{url}/api/v1/uploads", headers=headers)
first = tus.uploader(path, chunk_size=part, metadata={"filename": "tuspy.csv"})
first.upload_chunk()

second = tus.uploader(path, chunk_size=part, url=first.url)
assert second.offset == part, second.offset
print("tuspy resumes at", second.offset, "of", len(content))
second.upload()
assert second.offset == len(content), second.offset

upload = first.url.rsplit("/", 1)[1]
answer = requests.post(f"{url}/api/v1/datasets", headers=headers, files={"upload": (None, upload)}, timeout=60)
dataset = answer.json()
assert answer.status_code == 201, dataset
assert dataset["name"] == "tuspy.csv" and dataset["sha256"] == hashlib.sha256(content).hexdigest(), dataset
print("tuspy: dataset", dataset["id"], "of", dataset["size_bytes"], "bytes")
