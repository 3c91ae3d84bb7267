// The whole journey from a file to a model's answers, with openapi-fetch and the types of openapi-typescript.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const [url, keyFile, csv] = process.argv.slice(2);
const client = createClient<paths>({
  baseUrl: url,
  headers: { Authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}` },
});

function form(fields: Record<string, unknown>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((file: File) => form.append(name, file, file.name));
    else if (value !== undefined) form.append(name, String(value));
  }
  return form;
}

function right<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

/** The types have both what an operation answers as JSON and its event stream, which is a text. */
function json<T>(answer: T): Exclude<T, string> {
  if (typeof answer === "string") throw new Error("an event stream");
  return answer as Exclude<T, string>;
}

function check(right: boolean, what: unknown): void {
  if (!right) throw new Error(JSON.stringify(what));
}

const dataset = right(
  await client.POST("/api/v1/datasets", {
    // The types have a file as a string.
    body: {
      file: [new File([readFileSync(csv)], basename(csv)) as unknown as string],
      split: JSON.stringify({ validation: 0.2, test: 0.2 }),
    },
    bodySerializer: form,
  }),
);
check(dataset.status === "ready", dataset);

const smallest: components["schemas"]["JobRequest"] = { base_model: "no-such-model", dataset: dataset.id };
const refused = await client.POST("/api/v1/jobs", { body: smallest });
check(refused.error?.code === "unknown_base_model", refused.error);

let job = right(
  await client.POST("/api/v1/jobs", {
    body: {
      base_model: "all-MiniLM-L6-v2",
      dataset: dataset.id,
      hyperparameters: { epochs: 1, batch_size: 16, learning_rate: "auto", max_length: 32 },
    },
  }),
);
const path = { job_id: job.id };
const followed: components["schemas"]["JobEvent"][] = [];
while (job.finished_at === null) {
  const query = { after: followed.at(-1)?.id ?? 0 };
  followed.push(...json(right(await client.GET("/api/v1/jobs/{job_id}/events", { params: { path, query } }))).data);
  await new Promise((wait) => setTimeout(wait, 300));
  job = right(await client.GET("/api/v1/jobs/{job_id}", { params: { path } }));
}
check(job.status === "succeeded" && followed.length > 0, job);

const report = right(await client.GET("/api/v1/jobs/{job_id}/report", { params: { path } }));
check(report.split === "test" && report.examples === dataset.splits.test, report);

const model = { path: { model_id: job.model! } };
const answer = right(
  await client.POST("/api/v1/models/{model_id}/predict", {
    params: model,
    body: { inputs: ["I loved it.", { text: "I hated it." }] },
  }),
);
check(answer.predictions.length === 2 && answer.predictions[0].label !== undefined, answer);

const download = await client.GET("/api/v1/models/{model_id}/download", { params: model, parseAs: "arrayBuffer" });
const zip = Buffer.from(right(download) as unknown as ArrayBuffer);
check(zip.subarray(0, 2).toString() === "PK" && zip.includes("model.safetensors"), zip.length);

check((await client.DELETE("/api/v1/models/{model_id}", { params: model })).response.ok, job.model);
const used = await client.DELETE("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: dataset.id } } });
check(used.response.ok, used.error);
console.log(`openapi-typescript: ${job.id}, accuracy ${report.accuracy}, zip of ${zip.length} bytes`);
