// The whole journey from a file to a model's answers, through the client that the generator typescript-fetch writes.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import {
  Configuration,
  DatasetsApi,
  InferenceApi,
  JobStatus,
  JobsApi,
  ModelsApi,
  ResponseError,
  ServerApi,
} from "./client";
import type { Job, JobEvent } from "./client";

const [url, keyFile, csv] = process.argv.slice(2);

function check(right: boolean, what: unknown): void {
  if (!right) throw new Error(JSON.stringify(what));
}

async function main(): Promise<void> {
  const configuration = new Configuration({ basePath: url, accessToken: readFileSync(keyFile, "utf8").trim() });
  const datasets = new DatasetsApi(configuration);
  const jobs = new JobsApi(configuration);
  const models = new ModelsApi(configuration);
  check((await new ServerApi(configuration).readiness()).status === "UP", "not ready");

  const file = new File([readFileSync(csv)], basename(csv));
  const dataset = await datasets.createDataset({ file: [file], split: JSON.stringify({ validation: 0.2, test: 0.2 }) });
  check(dataset.status === "ready" && dataset.splits.test > 0, dataset);

  const jobRequest = {
    baseModel: "all-MiniLM-L6-v2",
    dataset: dataset.id,
    hyperparameters: { epochs: 1, batchSize: 16, learningRate: "auto" as const, maxLength: 32 },
  };
  try {
    await jobs.createJob({ jobRequest: { ...jobRequest, baseModel: "no-such-model" } });
    check(false, "an unknown model is accepted");
  } catch (refused) {
    if (!(refused instanceof ResponseError)) throw refused;
    check((await refused.response.json()).code === "unknown_base_model", refused.response);
  }
  const created = await jobs.createJob({ jobRequest });

  const followed: JobEvent[] = [];
  let job: Job = created;
  while (!job.finishedAt) {
    const page = await jobs.listJobEvents({ jobId: job.id, after: followed.at(-1)?.id ?? 0 });
    followed.push(...page.data);
    await new Promise((wait) => setTimeout(wait, 300));
    job = await jobs.getJob({ jobId: job.id });
  }
  check(job.status === JobStatus.Succeeded && followed.length > 0, job);

  const report = await jobs.getJobReport({ jobId: job.id });
  check(report.split === "test" && report.examples === dataset.splits.test, report);

  const answer = await new InferenceApi(configuration).predict({
    modelId: job.model!,
    predictionRequest: { inputs: ["I loved it.", { text: "I hated it." }] },
  });
  check(answer.predictions.length === 2 && answer.predictions[0].label !== undefined, answer);

  const zip = Buffer.from(await (await models.downloadModel({ modelId: job.model! })).arrayBuffer());
  check(zip.subarray(0, 2).toString() === "PK" && zip.includes("model.safetensors"), zip.length);

  await models.deleteModel({ modelId: job.model! });
  await datasets.deleteDataset({ datasetId: dataset.id });
  console.log(`typescript-fetch: ${job.id}, accuracy ${report.accuracy}, zip of ${zip.length} bytes`);
}

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
