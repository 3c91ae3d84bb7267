package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.dataset.DatasetRows;
import dev.anneal.job.Attempt;
import dev.anneal.job.EarlyStopping;
import dev.anneal.job.Job;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.Models;
import dev.anneal.training.Metric;
import dev.anneal.training.Trainer;
import dev.anneal.training.TrainingSpec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Lays out what a trainer needs: its specification and the rows, streamed out of Postgres. */
@Component
class WorkDirectory {
    private static final Logger log = LoggerFactory.getLogger(WorkDirectory.class);

    private final DataDirectory data;
    private final DatasetRows rows;
    private final Models models;
    private final ArtifactStore store;

    WorkDirectory(DataDirectory data, DatasetRows rows, Models models, ArtifactStore store) {
        this.data = data;
        this.rows = rows;
        this.models = models;
        this.store = store;
    }

    Path prepare(Job job, Attempt attempt, Slot slot) throws IOException {
        Path directory = data.directory(path(attempt).toString());
        var base = models.find(job.baseModel())
                .orElseThrow(() -> new IOException("the base model '" + job.baseModel() + "' was deleted"));
        EarlyStopping stopping = job.earlyStopping();
        TrainingSpec spec = new TrainingSpec(
                job.getId(),
                dev.anneal.transformer.Task.TEXT_CLASSIFICATION,
                store.get(base.artifact()).toString(),
                slot.device(),
                slot.threads(),
                job.labels(),
                TrainingSpec.Method.FULL,
                job.hyperparameters(),
                TrainingSpec.TaskOptions.DEFAULT,
                stopping == null
                        ? null
                        : new TrainingSpec.EarlyStopping(metric(stopping.metric()), stopping.patience(), 0),
                new Metric("f1_macro"));
        Files.writeString(directory.resolve(TrainingSpec.FILE), Json.write(spec));
        write(directory.resolve(Trainer.TRAIN), job.dataset(), "train");
        evaluation(directory.resolve(Trainer.VALIDATION), job, job.validationDataset(), "validation");
        evaluation(directory.resolve(Trainer.TEST), job, job.testDataset(), "test");
        return directory;
    }

    /** All rows of the dataset that was named for it, else the rows of that split of the dataset that is learned. */
    private void evaluation(Path file, Job job, String named, String split) throws IOException {
        write(file, named == null ? job.dataset() : named, named == null ? split : null);
    }

    private void write(Path file, String dataset, String split) throws IOException {
        long count;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            count = rows.write(dataset, split, out);
        }
        if (count == 0) {
            Files.delete(file);
        }
    }

    private static Metric metric(String name) {
        return new Metric(name);
    }

    private Path path(Attempt attempt) {
        return data.file("work/" + Worker.identity() + "/" + attempt.jobId() + "-" + attempt.number());
    }

    void remove(Attempt attempt) {
        try {
            FileSystemUtils.deleteRecursively(path(attempt));
        } catch (IOException e) {
            log.warn("cannot remove {}", path(attempt), e);
        }
    }

    /** What workers of this host left behind that were killed. One of them may have had our number: a container's is always 1. */
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
