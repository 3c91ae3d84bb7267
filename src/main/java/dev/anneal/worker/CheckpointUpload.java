package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.checkpoint.Checkpoint;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.training.spec.WorkFiles;
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

/** Brings checkpoints out: their files into the store, then the row that makes them count. */
@Component
class CheckpointUpload {
    private static final Logger log = LoggerFactory.getLogger(CheckpointUpload.class);

    private final ArtifactStore store;
    private final AttemptWriter record;
    private final JobFiles files;
    private final MeterRegistry meters;

    CheckpointUpload(ArtifactStore store, AttemptWriter record, JobFiles files, MeterRegistry meters) {
        this.store = store;
        this.record = record;
        this.files = files;
        this.meters = meters;
    }

    /** A store that refuses costs the checkpoint, not the job: training goes on. */
    void upload(RunningAttempt run, Job job, Path work, JsonNode told) {
        JsonNode missed = run.notStored;
        run.notStored = null;
        if (missed != null && isBest(missed, told.path("best")) && !store(run, job, work, missed)) {
            // Nothing can go on from this one without the best model, and it would replace those that still serve.
            run.notStored = missed;
            run.insist(() -> record.checkpointNotStored(run.attempt, told, "the best epoch's is not stored yet"));
            return;
        }
        if (!store(run, job, work, told) && told.path("has_model").asBoolean()) {
            run.notStored = told;
        }
    }

    private static boolean isBest(JsonNode told, JsonNode best) {
        return told.path("epoch").asInt() == best.path("epoch").asInt(-1);
    }

    /** False where the store does not have it now. */
    private boolean store(RunningAttempt run, Job job, Path work, JsonNode told) {
        Checkpoint checkpoint = Checkpoint.of(run.attempt, told);
        String key = checkpoint.artifact();
        Path source =
                work.resolve(WorkFiles.CHECKPOINTS).resolve(told.path("path").asString());
        Path copy = work.resolve("upload").resolve(source.getFileName());
        try {
            run.insist(() -> record.announce(run.attempt, key));
            DurableFiles.link(source, copy); // the store takes files away, and the trainer still needs them
            store.put(key, copy);
            List<String> superseded = new ArrayList<>();
            run.insist(() -> {
                superseded.clear();
                superseded.addAll(record.checkpoint(
                        run.attempt, checkpoint, told, job.checkpoints().keep()));
            });
            files.remove(superseded);
            count("stored");
            return true;
        } catch (AttemptLostException lost) {
            files.removeUnlessNamed(key); // as it is where the answer to a commit was lost
            throw lost;
        } catch (NoSuchFileException pruned) {
            log.info("the trainer has already given up its checkpoint at step {}", checkpoint.step());
            return false;
        } catch (IOException | UncheckedIOException refused) {
            if (refused.getCause() instanceof NoSuchFileException && !Files.exists(source)) {
                return false; // as above, while it was read
            }
            count("failed");
            log.warn("the checkpoint at step {} is not stored: {}", checkpoint.step(), refused.getMessage());
            run.insist(() -> record.checkpointNotStored(run.attempt, told, reason(refused)));
            return false;
        } finally {
            remove(copy);
        }
    }

    private static String reason(Exception refused) {
        if (refused instanceof StoreUnavailableException away) {
            return away.reason();
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
