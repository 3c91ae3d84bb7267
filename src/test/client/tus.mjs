// Sends a file in parts with tus-js-client, stops, resumes as another process would, and makes a dataset of the upload.
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [url, keyFile, path] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}` };
const content = readFileSync(path);
const part = Math.floor(content.length / 3);
const common = { endpoint: `${url}/api/v1/uploads`, headers, chunkSize: part, uploadSize: content.length };

function check(condition, seen) {
  if (!condition) throw new Error(JSON.stringify(seen));
}

/** Runs an upload to its end, or until the callback returns true after a part. */
function send(source, options, stop = () => false) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(source, {
      ...common,
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload),
      onChunkComplete: (_, sent) => {
        if (stop(sent)) upload.abort().then(() => resolve(upload), reject);
      },
    });
    upload.start();
  });
}

const first = await send(createReadStream(path), { metadata: { filename: "tus-js.csv" } }, (sent) => sent >= part);
const offset = Number((await fetch(first.url, { method: "HEAD", headers })).headers.get("Upload-Offset"));
check(offset >= part && offset < content.length, offset);
console.log("tus-js-client resumes at", offset, "of", content.length);
const second = await send(content, { uploadUrl: first.url });

const form = new FormData();
form.set("upload", second.url.split("/").pop());
const answer = await fetch(`${url}/api/v1/datasets`, { method: "POST", headers, body: form });
const dataset = await answer.json();
check(answer.status === 201, dataset);
check(dataset.name === "tus-js.csv" && dataset.sha256 === createHash("sha256").update(content).digest("hex"), dataset);
console.log("tus-js-client: dataset", dataset.id, "of", dataset.size_bytes, "bytes");
