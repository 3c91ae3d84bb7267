package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.training.process.WorkFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Publishes an evaluation or a prediction: first the predictions to the artifact store, then the row that names them. */
@Component
class EvaluationPublication {
    private final ArtifactStore store;
    private final StoreRetry storeRetry;
    private final AttemptWriter writer;
    private final JobFiles stored;

    EvaluationPublication(ArtifactStore store, StoreRetry storeRetry, AttemptWriter writer, JobFiles stored) {
        this.store = store;
        this.storeRetry = storeRetry;
        this.writer = writer;
        this.stored = stored;
    }

    void publish(RunningAttempt run, Job job, Path directory, JsonNode done) throws IOException {
        Path reportFile = directory.resolve(WorkFiles.REPORT);
        String report = Files.exists(reportFile) ? Files.readString(reportFile) : null;
        Path result = directory.resolve(WorkFiles.RESULT);
        long bytes = Files.exists(result) ? size(result) : 0;
        String artifact = store(run, job, result);
        List<String> superseded = new ArrayList<>();
        try {
            run.retryUntilCommitted(() -> {
                superseded.clear();
                superseded.addAll(writer.evaluated(run.attempt, done.path("test_metrics"), report, artifact, bytes));
            });
        } catch (AttemptLostException lost) {
            if (artifact == null || !stored.removeUnlessReferenced(artifact)) {
                throw lost;
            }
            // only the answer to the commit was lost, and the call was retried
        }
        stored.remove(superseded);
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** Returns the artifact with the predictions, null if there are none. */
    private @Nullable String store(RunningAttempt run, Job job, Path result) throws IOException {
        if (!Files.exists(result)) {
            return null;
        }
        Attempt attempt = run.attempt;
        String artifact = "predictions/" + job.getId() + "-" + attempt.number();
        run.retryUntilCommitted(() -> writer.announce(attempt, artifact));
        storeRetry.call(run, "store the predictions", run::cannotPublish, () -> {
            store.put(artifact, result);
            return artifact;
        });
        return artifact;
    }
}
