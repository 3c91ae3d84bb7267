import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.DatasetsApi;
import org.openapitools.client.api.InferenceApi;
import org.openapitools.client.api.JobsApi;
import org.openapitools.client.api.ModelsApi;
import org.openapitools.client.api.ServerApi;
import org.openapitools.client.model.Dataset;
import org.openapitools.client.model.DatasetStep;
import org.openapitools.client.model.DatasetVersionRequest;
import org.openapitools.client.model.HyperparameterChoices;
import org.openapitools.client.model.IntegerOrAuto;
import org.openapitools.client.model.Job;
import org.openapitools.client.model.JobEvent;
import org.openapitools.client.model.JobRequest;
import org.openapitools.client.model.JobStatus;
import org.openapitools.client.model.NumberOrAuto;
import org.openapitools.client.model.PredictionInput;
import org.openapitools.client.model.PredictionRequest;
import org.openapitools.client.model.PredictionResponse;
import org.openapitools.client.model.Report;
import org.openapitools.client.model.TextInput;

/** The whole journey from a file to a model's answers, through a client that the generator java writes for one of its libraries. */
public class Journey {
    public static void main(String[] args) throws Exception {
        ApiClient client = Connection.to(args[0], Files.readString(Path.of(args[1])).strip());
        DatasetsApi datasets = new DatasetsApi(client);
        JobsApi jobs = new JobsApi(client);
        ModelsApi models = new ModelsApi(client);
        check("UP".equals(new ServerApi(client).readiness().getStatus()), "not ready");

        Dataset dataset = datasets.createDataset(
                null,
                null,
                null,
                List.of(new File(args[2])),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "{\"validation\": 0.2, \"test\": 0.2}",
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        check(dataset.getStatus() == Dataset.StatusEnum.READY, dataset);

        // A version, by the step with the fewest options: a client must not send those that the caller leaves out.
        Dataset version = datasets.createDatasetVersion(
                dataset.getId(),
                new DatasetVersionRequest().addStepsItem(new DatasetStep().type(DatasetStep.TypeEnum.DROP_DUPLICATES)),
                null,
                null,
                null);
        check(dataset.getId().equals(version.getParent()), version);
        datasets.deleteDataset(version.getId(), null);

        JobRequest request = new JobRequest()
                .baseModel("no-such-model")
                .dataset(dataset.getId())
                .hyperparameters(new HyperparameterChoices()
                        .epochs(new IntegerOrAuto(1))
                        .batchSize(new IntegerOrAuto(16))
                        .maxLength(new IntegerOrAuto(32))
                        .learningRate(new NumberOrAuto("auto")));
        try {
            jobs.createJob(request, null, null);
            check(false, "an unknown model is accepted");
        } catch (ApiException refused) {
            check(refused.getResponseBody().contains("unknown_base_model"), refused);
        }
        Job job = jobs.createJob(request.baseModel("all-MiniLM-L6-v2"), null, null);

        long after = 0;
        while (job.getFinishedAt() == null) {
            for (JobEvent event :
                    jobs.listJobEvents(job.getId(), null, null, after, null).getData()) {
                after = event.getId();
            }
            Thread.sleep(300);
            job = jobs.getJob(job.getId(), null);
        }
        check(job.getStatus() == JobStatus.SUCCEEDED && after > 0, job);

        Report report = jobs.getJobReport(job.getId(), null);
        check(report.getExamples() == dataset.getSplits().getTest().intValue(), report);

        PredictionResponse answer = new InferenceApi(client)
                .predict(
                        job.getModel(),
                        new PredictionRequest()
                                .inputs(List.of(
                                        new PredictionInput("I loved it."),
                                        new PredictionInput(new TextInput().text("I hated it.")))),
                        null);
        check(answer.getPredictions().size() == 2 && answer.getPredictions().get(0).getLabel() != null, answer);

        File zip = models.downloadModel(job.getModel(), null);
        try (ZipFile files = new ZipFile(zip)) {
            check(files.getEntry("model.safetensors") != null, zip);
        }

        models.deleteModel(job.getModel(), null);
        datasets.deleteDataset(dataset.getId(), null);
        System.out.printf(
                "java: %s, accuracy %s, zip of %d bytes%n", job.getId(), report.getAccuracy(), zip.length());
    }

    private static void check(boolean right, Object what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}
