package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.training.process.WorkFiles;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Uploads checkpoints: first the files to the artifact store, then the row that makes the checkpoint valid. */
@Component
class CheckpointUpload {
    private static final Logger log = LoggerFactory.getLogger(CheckpointUpload.class);

    private final ArtifactStore store;
    private final AttemptWriter writer;
    private final JobFiles files;
    private final MeterRegistry meters;

    CheckpointUpload(ArtifactStore store, AttemptWriter writer, JobFiles files, MeterRegistry meters) {
        this.store = store;
        this.writer = writer;
        this.files = files;
        this.meters = meters;
    }

    /** Uploads a checkpoint. If the store refuses it, that checkpoint is missing but training continues. */
    void upload(RunningAttempt run, Job job, Path work, JsonNode event) {
        JsonNode missed = run.notStored;
        run.notStored = null;
        if (missed != null && isBest(missed, event.path("best")) && !store(run, job, work, missed)) {
            // Without the best epoch's model nothing can resume from this checkpoint, and it would replace usable ones.
            run.notStored = missed;
            run.retryUntilCommitted(() -> writer.checkpointNotStored(
                    run.attempt, event, "the checkpoint of the best epoch is not stored yet"));
            return;
        }
        if (!store(run, job, work, event) && event.path("has_model").asBoolean()) {
            run.notStored = event;
        }
    }

    private static boolean isBest(JsonNode event, JsonNode best) {
        return event.path("step").asInt() == best.path("step").asInt(-1);
    }

    /** Returns whether the checkpoint is now stored. */
    private boolean store(RunningAttempt run, Job job, Path work, JsonNode event) {
        JobCheckpoint checkpoint = JobCheckpoint.of(run.attempt, event);
        String key = checkpoint.artifact();
        Path source =
                work.resolve(WorkFiles.CHECKPOINTS).resolve(event.path("path").asString());
        Path copy = work.resolve("upload").resolve(source.getFileName());
        try {
            run.retryUntilCommitted(() -> writer.announce(run.attempt, key));
            DurableFiles.link(source, copy); // the store moves its files, and the trainer still needs them
            store.put(key, copy);
            List<String> superseded = new ArrayList<>();
            run.retryUntilCommitted(() -> {
                superseded.clear();
                superseded.addAll(writer.checkpoint(
                        run.attempt, checkpoint, event, job.spec().checkpoints().keep()));
            });
            files.remove(superseded);
            count("stored");
            return true;
        } catch (AttemptLostException lost) {
            files.removeUnlessReferenced(key); // it is referred to if only the answer to the commit was lost
            throw lost;
        } catch (NoSuchFileException pruned) {
            log.info("the trainer has already removed its checkpoint at step {}", checkpoint.step());
            return false;
        } catch (IOException | UncheckedIOException refused) {
            if (refused.getCause() instanceof NoSuchFileException && !Files.exists(source)) {
                return false; // the trainer removed it during the upload
            }
            count("failed");
            log.warn("cannot store the checkpoint at step {}: {}", checkpoint.step(), refused.getMessage());
            run.retryUntilCommitted(() -> writer.checkpointNotStored(run.attempt, event, reason(refused)));
            return false;
        } finally {
            remove(copy);
        }
    }

    private static String reason(Exception refused) {
        if (refused instanceof StoreUnavailableException unavailable) {
            return unavailable.reason();
        }
        Throwable cause = refused.getCause() == null ? refused : refused.getCause();
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private void count(String outcome) {
        meters.counter("anneal.checkpoints", "outcome", outcome).increment();
    }

    private static void remove(Path copy) {
        try {
            if (Files.exists(copy)) {
                FileSystemUtils.deleteRecursively(copy);
            }
        } catch (IOException withTheWorkDirectory) {
            log.debug("{} stays until the attempt ends", copy);
        }
    }
}
