package dev.anneal.worker;

import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.StoredPredictions;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.training.process.WorkFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Publishes an evaluation or a prediction: first the predictions to the artifact store, then the row that names them. */
@Component
class EvaluationPublication {
    private final PredictionStorage storage;
    private final AttemptWriter writer;
    private final JobFiles stored;

    EvaluationPublication(PredictionStorage storage, AttemptWriter writer, JobFiles stored) {
        this.storage = storage;
        this.writer = writer;
        this.stored = stored;
    }

    void publish(RunningAttempt run, Job job, Path directory, JsonNode done) throws IOException {
        Path reportFile = directory.resolve(WorkFiles.REPORT);
        String report = Files.exists(reportFile) ? Files.readString(reportFile) : null;
        StoredPredictions predictions = storage.store(run, job, directory);
        List<String> superseded = new ArrayList<>();
        try {
            run.retryUntilCommitted(() -> {
                superseded.clear();
                superseded.addAll(writer.evaluated(run.attempt, done.path("test_metrics"), report, predictions));
            });
        } catch (AttemptLostException lost) {
            if (predictions == null || !stored.removeUnlessReferenced(predictions.artifact())) {
                throw lost;
            }
            // only the answer to the commit was lost, and the call was retried
        }
        stored.remove(superseded);
    }
}
