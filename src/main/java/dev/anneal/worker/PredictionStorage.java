package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.StoredPredictions;
import dev.anneal.job.queue.Attempt;
import dev.anneal.training.process.WorkFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts the predictions of an attempt into the artifact store. */
@Component
class PredictionStorage {
    private final ArtifactStore store;
    private final StoreRetry storeRetry;
    private final AttemptWriter writer;

    PredictionStorage(ArtifactStore store, StoreRetry storeRetry, AttemptWriter writer) {
        this.store = store;
        this.storeRetry = storeRetry;
        this.writer = writer;
    }

    /** Returns the predictions of a work directory, now stored; null if there are none. */
    @Nullable
    StoredPredictions store(RunningAttempt run, Job job, Path directory) throws IOException {
        Path result = directory.resolve(WorkFiles.RESULT);
        if (!Files.exists(result)) {
            return null;
        }
        Attempt attempt = run.attempt;
        long bytes = DurableFiles.size(result);
        String artifact = "predictions/" + job.getId() + "-" + attempt.number();
        run.retryUntilCommitted(() -> writer.announce(attempt, artifact));
        storeRetry.call(run, "store the predictions", run::cannotPublish, () -> {
            store.put(artifact, result);
            return artifact;
        });
        return new StoredPredictions(artifact, bytes);
    }
}
