package dev.anneal.worker;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.dataset.check.SharedTexts;
import dev.anneal.dataset.rows.EvaluationRows;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.files.DurableFiles;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.JobMetrics;
import dev.anneal.job.Jobs;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.Models;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Replay;
import dev.anneal.spec.Subset;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.worker.executor.Slot;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Prepares the work directory of a trainer: the specification, the rows from Postgres, the base model and earlier checkpoints. */
@Component
class WorkDirectory {
    private static final Logger log = LoggerFactory.getLogger(WorkDirectory.class);

    /** The rows for evaluation, and the dataset that the job names for them. */
    private record Named(@Nullable String dataset, String split, Path rows) {}

    private final DataDirectory data;
    private final SharedRows shared;
    private final Jobs jobs;
    private final JobMetrics metrics;
    private final Datasets datasets;
    private final EvaluationRows rows;
    private final TrainingRows training;
    private final Models models;
    private final ArtifactStore store;
    private final JobCheckpoints checkpoints;
    private final AttemptWriter writer;
    private final JobEvents events;

    WorkDirectory(
            DataDirectory data,
            SharedRows shared,
            Jobs jobs,
            JobMetrics metrics,
            Datasets datasets,
            EvaluationRows rows,
            TrainingRows training,
            Models models,
            ArtifactStore store,
            JobCheckpoints checkpoints,
            AttemptWriter writer,
            JobEvents events) {
        this.data = data;
        this.shared = shared;
        this.jobs = jobs;
        this.metrics = metrics;
        this.datasets = datasets;
        this.rows = rows;
        this.training = training;
        this.models = models;
        this.store = store;
        this.checkpoints = checkpoints;
        this.writer = writer;
        this.events = events;
    }

    /** Returns the directory. Part of the work is left out if the attempt is ending, because then no trainer starts. */
    Path prepare(Job job, Attempt attempt, Slot slot, BooleanSupplier isEnding) throws IOException {
        Path directory = Files.createDirectories(path(attempt));
        JobSpec spec = job.spec();
        var base = models.findBase(spec.baseModel(), job.project())
                .orElseThrow(() -> new MissingInputException(
                        "base_model_deleted", "The model '" + spec.baseModel() + "' was deleted."));
        Placement placement = new Placement(
                fetch(base.artifact(), directory.resolve("base")),
                slot.device(),
                slot.threads(),
                job.hyperparameters().precision(),
                slot.memory(),
                earlier(job, directory.resolve("earlier")),
                shared.directory(),
                shared.maxBytes());
        new WorkOrder(spec, placement).write(directory);
        EvaluationSpec computed = spec.evaluation();
        if (computed != null) {
            evaluation(directory, job, computed);
            return directory;
        }
        long seed = spec.hyperparameters().seed();
        long trained = write(
                directory.resolve(WorkFiles.TRAIN), out -> training.write(spec.dataset(), spec.subset(), seed, out));
        if (spec.replay() != null) {
            replay(directory.resolve(WorkFiles.REPLAY), attempt, spec.replay(), trained, seed);
        }
        String retained = spec.retainDataset();
        if (retained != null) {
            write(
                    directory.resolve(WorkFiles.RETAIN),
                    out -> rows.write(retained, null, Forgetting.MOST_ROWS, seed, out));
        }
        evaluation(directory.resolve(WorkFiles.VALIDATION), attempt, spec, spec.validationDataset(), "validation");
        evaluation(directory.resolve(WorkFiles.TEST), attempt, spec, spec.testDataset(), "test");
        warnOfSharedRows(directory, attempt, spec, isEnding);
        return directory;
    }

    /** Writes the rows of an evaluation or a prediction, and what its report needs besides. */
    private void evaluation(Path directory, Job job, EvaluationSpec computed) throws IOException {
        JobSpec spec = job.spec();
        write(
                directory.resolve(WorkFiles.rows(computed.part())),
                out -> rows.writeAll(spec.dataset(), computed.split(), out));
        if (computed.isLabelled() && computed.heldOut() && spec.task().predictsTexts()) {
            // The baselines are fitted on them.
            write(directory.resolve(WorkFiles.TRAIN), out -> rows.writeAll(spec.dataset(), "train", out));
        }
        String compared = spec.reportOrDefault().compareTo();
        if (compared != null) {
            String predictions = jobs.findById(compared)
                    .filter(other -> other.project().equals(job.project()))
                    .map(Job::predictions)
                    .orElseThrow(
                            () -> new MissingInputException(
                                    "evaluation_deleted",
                                    "The evaluation '" + compared
                                            + "', with which this one is compared, was deleted. Create it again, then this one."));
            Path copy = directory.resolve(WorkFiles.COMPARED);
            FileSystemUtils.deleteRecursively(copy); // left by a failed try
            DurableFiles.link(store.get(predictions), copy);
            Files.writeString(
                    copy.resolve(WorkFiles.REPORT), metrics.report(compared).orElse("{}"));
        }
    }

    /**
     * Tells the user once if rows of named datasets are also trained on. The check of a dataset finds those inside it. The job is
     * trained even if the rows cannot be compared.
     */
    private void warnOfSharedRows(Path directory, Attempt attempt, JobSpec spec, BooleanSupplier isEnding) {
        try {
            Set<String> told = new HashSet<>(); // by earlier attempts
            events.sharedRows(attempt.jobId())
                    .forEach(shared -> told.add(shared.path("dataset").asString("")));
            List<Named> compared = Stream.of(
                            new Named(spec.validationDataset(), "validation", directory.resolve(WorkFiles.VALIDATION)),
                            new Named(spec.testDataset(), "test", directory.resolve(WorkFiles.TEST)))
                    .filter(named -> named.dataset() != null && !told.contains(named.dataset()))
                    .filter(named -> Files.exists(named.rows()))
                    .toList();
            if (compared.isEmpty()) {
                return;
            }
            List<Path> rows = compared.stream().map(Named::rows).toList();
            long[] counts = SharedTexts.count(directory.resolve(WorkFiles.TRAIN), rows, directory, () -> {
                if (isEnding.getAsBoolean()) {
                    throw new CancellationException();
                }
            });
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    warnOfSharedRows(attempt, compared.get(i), counts[i]);
                }
            }
        } catch (AttemptLostException lost) {
            throw lost;
        } catch (CancellationException ending) { // the attempt ends before its trainer starts
            log.info("the attempt ends, so its rows are not compared");
        } catch (IOException | RuntimeException failure) {
            log.warn("cannot compare the rows for evaluation with those for training", failure);
        }
    }

    private void warnOfSharedRows(Attempt attempt, Named named, long count) {
        String id = Objects.requireNonNull(named.dataset());
        String name = datasets.findById(id).map(Dataset::name).orElse(id);
        writer.log(
                attempt,
                "warn",
                "%,d %s rows of the dataset '%s' have the text of a training row, so the figures may be too good. Remove them from one of the datasets."
                        .formatted(count, named.split(), name),
                Json.MAPPER
                        .createObjectNode()
                        .put("dataset", id)
                        .put("code", JobEvents.SHARED_ROWS)
                        .put("count", count));
    }

    /** Fetches earlier checkpoints of the job, newest first. Missing or corrupt ones are skipped. */
    private List<String> earlier(Job job, Path directory) throws IOException {
        List<String> fetched = new ArrayList<>();
        for (JobCheckpoint checkpoint : checkpoints.of(job.getId())) {
            try {
                if (store.has(checkpoint.artifact())) {
                    fetched.add(fetch(checkpoint.artifact(), directory));
                }
            } catch (StoreUnavailableException unavailable) {
                if (unavailable.isTransient()) {
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

    /**
     * Writes the rows of the named dataset, or those of that split of the training dataset if none is named, and tells the user if
     * not all of them are evaluated.
     */
    private void evaluation(Path file, Attempt attempt, JobSpec spec, @Nullable String named, String split)
            throws IOException {
        int most = spec.hyperparameters().evaluationRows();
        String dataset = named == null ? spec.dataset() : named;
        String part = named == null ? split : null;
        write(
                file,
                out -> rows.write(dataset, part, most, spec.hyperparameters().seed(), out));
        long all = rows.count(dataset, part);
        if (all > most) {
            writer.log(
                    attempt,
                    "info",
                    "%,d of %,d %s rows are evaluated. Set evaluation_rows to evaluate more."
                            .formatted(most, all, split));
        }
    }

    /** Writes as many training rows of another dataset as have the share that the job asks for, or all if these are too few. */
    private void replay(Path file, Attempt attempt, Replay replay, long trained, long seed) throws IOException {
        long wanted = replay.rows(trained);
        Subset subset = new Subset((int) Math.min(Integer.MAX_VALUE, wanted), null);
        long written = write(file, out -> training.write(replay.dataset(), subset, seed, out));
        if (written < wanted) {
            writer.log(
                    attempt,
                    "warn",
                    "The dataset of replay has %,d training rows, but a share of %s needs %,d. Their share is %s."
                            .formatted(
                                    written,
                                    share(replay.share()),
                                    wanted,
                                    share((double) written / (written + trained))));
        }
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.2g", share);
    }

    private static long write(Path file, ToLongFunction<Writer> rows) throws IOException {
        long count;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            count = rows.applyAsLong(out);
        }
        if (count == 0) {
            Files.delete(file);
        }
        return count;
    }

    private Path path(Attempt attempt) throws IOException {
        return data.own().resolve(attempt.jobId() + "-" + attempt.number());
    }

    void remove(Attempt attempt) {
        try {
            FileSystemUtils.deleteRecursively(path(attempt));
        } catch (IOException e) {
            log.warn("cannot remove the work directory of {}", attempt.jobId(), e);
        }
    }

    /** Removes what killed workers of earlier versions left on this host. */
    void removeAbandoned() throws IOException {
        String prefix = Worker.host() + "-";
        try (Stream<Path> directories = Files.list(data.directory("work"))) {
            for (Path directory : directories.toList()) {
                String name = directory.getFileName().toString();
                if (name.startsWith(prefix) && isGone(name.substring(prefix.length()))) {
                    FileSystemUtils.deleteRecursively(directory);
                }
            }
        }
    }

    private static boolean isGone(String pid) {
        return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }
}
