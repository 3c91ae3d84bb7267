package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.dataset.DatasetRows;
import dev.anneal.dataset.TrainingRows;
import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.Metrics;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.Job;
import dev.anneal.job.checkpoint.Checkpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.job.plan.EarlyStopping;
import dev.anneal.job.queue.Attempt;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.Models;
import dev.anneal.training.spec.TrainingException;
import dev.anneal.training.spec.TrainingSpec;
import dev.anneal.training.spec.WorkFiles;
import dev.anneal.transformer.architecture.Task;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Prepares the work directory of a trainer: the specification, the rows from Postgres, the base model and earlier checkpoints. */
@Component
class WorkDirectory {
    private static final Logger log = LoggerFactory.getLogger(WorkDirectory.class);

    private final DataDirectory data;
    private final DatasetRows rows;
    private final TrainingRows training;
    private final Models models;
    private final ArtifactStore store;
    private final JobCheckpoints checkpoints;

    WorkDirectory(
            DataDirectory data,
            DatasetRows rows,
            TrainingRows training,
            Models models,
            ArtifactStore store,
            JobCheckpoints checkpoints) {
        this.data = data;
        this.rows = rows;
        this.training = training;
        this.models = models;
        this.store = store;
        this.checkpoints = checkpoints;
    }

    Path prepare(Job job, Attempt attempt, Slot slot) throws IOException {
        Path directory = data.directory(path(attempt).toString());
        var base = models.find(job.baseModel(), job.project())
                .orElseThrow(() -> new TrainingException("The base model '" + job.baseModel() + "' was deleted."));
        EarlyStopping stopping = job.earlyStopping();
        Task task = job.trainedTask();
        TrainingSpec spec = new TrainingSpec(
                job.getId(),
                task,
                fetch(base.artifact(), directory.resolve("base")),
                slot.device(),
                slot.threads(),
                job.labels(),
                job.method().forTrainer(),
                job.hyperparameters(),
                job.taskOptions().forTrainer(),
                stopping == null
                        ? null
                        : new TrainingSpec.EarlyStopping(
                                Metric.named(stopping.metric()), stopping.patience(), stopping.minDelta()),
                Metrics.of(task).byDefault(),
                job.checkpoints().forTrainer(earlier(job, directory.resolve("earlier"))));
        Files.writeString(directory.resolve(WorkFiles.SPEC), Json.write(spec));
        long seed = job.hyperparameters().seed();
        write(directory.resolve(WorkFiles.TRAIN), out -> training.write(job.dataset(), job.subset(), seed, out));
        evaluation(directory.resolve(WorkFiles.VALIDATION), job, job.validationDataset(), "validation");
        evaluation(directory.resolve(WorkFiles.TEST), job, job.testDataset(), "test");
        return directory;
    }

    /** Fetches earlier checkpoints of the job, newest first. Missing or corrupt ones are skipped. */
    private List<String> earlier(Job job, Path directory) throws IOException {
        List<String> fetched = new ArrayList<>();
        for (Checkpoint checkpoint : checkpoints.of(job.getId())) {
            try {
                if (store.has(checkpoint.artifact())) {
                    fetched.add(fetch(checkpoint.artifact(), directory));
                }
            } catch (StoreUnavailableException unavailable) {
                if (unavailable.mayPass()) {
                    throw unavailable;
                }
                log.warn("skipping the corrupt checkpoint {}: {}", checkpoint.artifact(), unavailable.reason());
            } catch (NoSuchFileException gone) {
                log.warn("skipping checkpoint {}: it was just removed", checkpoint.artifact());
            }
        }
        return fetched;
    }

    /** Links the files of a key into the directory, so that the trainer has them even if the store removes them. */
    private String fetch(String key, Path directory) throws IOException {
        Path files = store.get(key);
        Path copy = directory.resolve(files.getFileName());
        FileSystemUtils.deleteRecursively(copy); // left by a failed try
        DurableFiles.link(files, copy);
        return copy.toString();
    }

    /** Writes all rows of the named dataset, or the rows of that split of the training dataset if none is named. */
    private void evaluation(Path file, Job job, String named, String split) throws IOException {
        write(file, out -> named == null ? rows.write(job.dataset(), split, out) : rows.write(named, null, out));
    }

    private static void write(Path file, ToLongFunction<Writer> rows) throws IOException {
        long count;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            count = rows.applyAsLong(out);
        }
        if (count == 0) {
            Files.delete(file);
        }
    }

    private Path path(Attempt attempt) {
        return data.file("work/" + Worker.identity() + "/" + attempt.jobId() + "-" + attempt.number());
    }

    void remove(Attempt attempt) {
        try {
            FileSystemUtils.deleteRecursively(path(attempt));
        } catch (IOException e) {
            log.warn("cannot remove the work directory {}", path(attempt), e);
        }
    }

    /** Removes what killed workers of this host left. One may have had our process id: in a container it is always 1. */
    void removeAbandoned() throws IOException {
        String prefix = Worker.host() + "-";
        try (Stream<Path> directories = Files.list(data.directory("work"))) {
            for (Path directory : directories.toList()) {
                String name = directory.getFileName().toString();
                if (name.startsWith(prefix) && isGone(name.substring(prefix.length()))
                        || name.equals(Worker.identity())) {
                    FileSystemUtils.deleteRecursively(directory);
                }
            }
        }
    }

    private static boolean isGone(String pid) {
        return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }
}
