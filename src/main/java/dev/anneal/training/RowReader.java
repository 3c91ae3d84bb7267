package dev.anneal.training;

import dev.anneal.files.SharedFiles;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.TokenizedRows;
import dev.anneal.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a job's splits as examples, and reports how far it is. */
final class RowReader {
    /** Rows that take longer to tokenize are reported meanwhile. */
    private static final double INTERVAL_SECONDS = 2;

    private final Path workDirectory;
    private final JobSpec spec;
    private final TokenizedRows.Reader reader;
    private final Supplier<TrainingTask> tasks;
    private final EventStream events;
    private long tokenized;
    private long shared;

    /** {@code tasks} makes a new task for each split, which then knows what occurs in the rows of this split. */
    RowReader(Path workDirectory, WorkOrder order, int maxLength, Supplier<TrainingTask> tasks, EventStream events) {
        this.workDirectory = workDirectory;
        this.spec = order.spec();
        this.tasks = tasks;
        this.events = events;
        Placement placement = order.placement();
        this.reader = new TokenizedRows.Reader(
                spec,
                Path.of(placement.baseModel()),
                maxLength,
                placement.threads(),
                placement.sharedRows(),
                new SharedFiles.Listener() {
                    @Override
                    public void cannotShare(IOException reason) {
                        events.log("warn", "The tokenized rows cannot be kept for other jobs: " + reason.getMessage());
                    }

                    @Override
                    public void waits() {
                        events.log("info", "Another job tokenizes the same rows. This job waits for it.");
                    }
                });
    }

    Examples train(TrainingTask task) throws IOException {
        return read(WorkFiles.TRAIN, spec.dataset(), task);
    }

    Examples validation(TrainingTask task) throws IOException {
        return read(
                WorkFiles.VALIDATION,
                spec.validationDataset() == null ? spec.dataset() : spec.validationDataset(),
                task);
    }

    Examples test(TrainingTask task) throws IOException {
        return read(WorkFiles.TEST, spec.testDataset() == null ? spec.dataset() : spec.testDataset(), task);
    }

    /** Reads the rows that are mixed into the training rows, of which there may be none. */
    Examples replay(TrainingTask task) throws IOException {
        return read(
                WorkFiles.REPLAY, spec.replay() == null ? null : spec.replay().dataset(), task);
    }

    /** Reads the rows of an evaluation. */
    Examples rows(String file, TrainingTask task) throws IOException {
        return read(file, spec.dataset(), task);
    }

    private Examples read(String file, @Nullable String dataset, TrainingTask task) throws IOException {
        TrainingTask ofSplit = tasks.get();
        TokenizedRows rows = reader.read(workDirectory.resolve(file), dataset, ofSplit, progress(file));
        task.addOptionalFields(ofSplit.optionalFields());
        tokenized += rows.isShared() ? 0 : rows.rows();
        shared += rows.isShared() ? rows.rows() : 0;
        return rows.examples();
    }

    private ExampleFile.Tokenized progress(String file) {
        String split = file.replace(".jsonl", "");
        long start = System.nanoTime();
        double[] next = {INTERVAL_SECONDS};
        return (rows, share) -> {
            double seconds = Stopwatch.secondsSince(start);
            if (seconds >= next[0]) {
                next[0] = seconds + INTERVAL_SECONDS;
                events.emit(
                        TrainerEvent.TOKENIZING,
                        new TrainerEvent.Tokenizing("tokenizing", split, rows, 100 * share, rows / seconds));
            }
        };
    }

    /** Returns the number of rows that this process tokenized. */
    long tokenized() {
        return tokenized;
    }

    /** Returns the number of rows that an earlier job tokenized. */
    long shared() {
        return shared;
    }
}
