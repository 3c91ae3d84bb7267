package dev.anneal.training.checkpoint;

import dev.anneal.files.DurableFiles;
import dev.anneal.json.Json;
import dev.anneal.spec.Checkpointing;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the checkpoints of a run into its directory, each one completely or not at all. */
public final class Checkpoints implements AutoCloseable {
    private static final String ASIDE = ".tmp";

    /** Writes the model of an epoch. */
    public interface Export {
        void to(Path directory) throws IOException;
    }

    private final Path directory;
    private final Checkpointing settings;
    private final TrainedRows rows;
    /** The scores of models on a part of the rows, which each checkpoint has, too; there may be none. */
    private final Path parts;

    private final EventStream events;
    /** The steps of the checkpoints that are kept, the oldest first. */
    private final Deque<Integer> steps = new ArrayDeque<>();
    /** The directory with the model of the best epoch, and its step. */
    private @Nullable Path best;

    private int bestStep;

    private final ExecutorService finisher = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "checkpoints");
        thread.setDaemon(true);
        return thread;
    });
    private Future<?> pending = CompletableFuture.completedFuture(null);

    private final @Nullable CheckpointPace pace;
    private long lastNanos = System.nanoTime();
    private int lastStep;

    public Checkpoints(Path directory, Checkpointing settings, TrainedRows rows, EventStream events) {
        this.directory = directory;
        this.parts = directory.resolveSibling(WorkFiles.PARTS);
        this.settings = settings;
        this.rows = rows;
        this.events = events;
        this.pace = settings.everySeconds() == null ? null : new CheckpointPace(settings.everySeconds());
        try {
            Files.createDirectories(directory);
            removeAside();
        } catch (IOException e) {
            // logged when a checkpoint cannot be written
        }
    }

    private void removeAside() throws IOException {
        try (Stream<Path> all = list()) {
            for (Path left : all.filter(path -> path.toString().endsWith(ASIDE)).toList()) {
                DurableFiles.delete(left);
            }
        }
    }

    /** Resumes from the newest of the earlier checkpoints that is whole, and returns it, if there is one. */
    public @Nullable Checkpoint resume(List<String> earlier, EarlierCheckpoints.Restore restore) {
        EarlierCheckpoints.Found found = new EarlierCheckpoints(earlier, directory, rows, events).resume(restore);
        if (found == null) {
            return null;
        }
        lastStep = found.checkpoint().state().step();
        if (found.checkpoint().directory().toAbsolutePath().equals(of(lastStep).toAbsolutePath())) {
            steps.add(lastStep);
        }
        if (found.best() != null) {
            best = found.best().directory();
            bestStep = found.best().state().step();
        }
        return found.checkpoint();
    }

    /** Returns whether a checkpoint is due after this step. */
    public boolean isDue(int step) {
        return settings.everySteps() != null && step - lastStep >= settings.everySteps()
                || pace != null && pending.isDone() && System.nanoTime() - lastNanos >= pace.seconds() * 1e9;
    }

    /**
     * Writes a checkpoint. Another thread then forces it to the disk, renames it and removes those that it replaces. If it
     * cannot be written, logs the reason, keeps all earlier ones and returns false; so too if the model of the best epoch
     * could not be written, because a checkpoint is of no use without it.
     */
    public boolean write(
            String reason,
            TrainingState state,
            double deferredDecay,
            SortedMap<String, StoredTensor> tensors,
            @Nullable Export model,
            @Nullable BestEpoch bestEpoch) {
        await();
        lastStep = state.step();
        lastNanos = System.nanoTime();
        long begin = lastNanos;
        Path aside = aside(of(state.step()));
        if (!isBest(state, model != null)
                && state.best() != null
                && bestStep != state.best().step()) {
            abandon(
                    state,
                    aside,
                    new IOException("the model of epoch " + state.best().epoch() + " is missing"));
            paceSince(begin);
            return false;
        }
        try {
            DurableFiles.delete(aside);
            Files.createDirectories(aside);
            Safetensors.write(aside.resolve(Checkpoint.TENSORS), tensors, false);
            if (model != null) {
                model.to(aside.resolve(WorkFiles.MODEL));
            }
            if (Files.exists(parts)) {
                DurableFiles.link(parts, aside.resolve(WorkFiles.PARTS));
            }
        } catch (IOException | UncheckedIOException e) {
            abandon(state, aside, e);
            paceSince(begin);
            return false;
        }
        pending = finisher.submit(() -> {
            finish(reason, state, deferredDecay, model != null, bestEpoch);
            paceSince(begin);
        });
        return true;
    }

    /** Sets the time to the next checkpoint. A full disk must not be tried each second either. */
    private void paceSince(long begin) {
        if (pace != null) {
            pace.wrote((System.nanoTime() - begin) / 1e9);
        }
    }

    private void finish(
            String reason, TrainingState state, double deferredDecay, boolean hasModel, @Nullable BestEpoch bestEpoch) {
        Path target = of(state.step());
        Path aside = aside(target);
        try {
            Map<String, String> files = new TreeMap<>();
            for (String file : DurableFiles.list(aside)) {
                files.put(file, DurableFiles.checksum(aside.resolve(file)));
            }
            Files.writeString(
                    aside.resolve(Checkpoint.STATE),
                    Json.write(new Checkpoint.Contents(state, rows.examples(), rows.drawn(), deferredDecay, files)));
            DurableFiles.force(aside);
            long size = DurableFiles.size(aside);
            put(aside, target);
            if (isBest(state, hasModel)) {
                best = target;
                bestStep = state.step();
            }
            events.emit(
                    TrainerEvent.CHECKPOINT,
                    new TrainerEvent.Checkpoint(
                            state.step(),
                            state.epoch(),
                            reason,
                            target.getFileName().toString(),
                            size,
                            hasModel,
                            bestEpoch));
            steps.remove(state.step());
            steps.add(state.step());
            prune();
        } catch (IOException | UncheckedIOException e) {
            abandon(state, aside, e);
        }
    }

    private static boolean isBest(TrainingState state, boolean hasModel) {
        return hasModel && state.best() != null && state.best().step() == state.step();
    }

    private void abandon(TrainingState state, Path aside, Exception reason) {
        events.log(
                "warn",
                "The checkpoint of step " + state.step() + " could not be written: " + DurableFiles.reason(reason)
                        + ". Training continues without it.");
        try {
            DurableFiles.delete(aside);
        } catch (IOException e) {
            // the next checkpoint deletes it
        }
    }

    /** Waits until the last checkpoint is on the disk or has failed. */
    public void await() {
        try {
            pending.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new TrainingException("interrupted", e);
        }
    }

    /** Waits for the last checkpoint, however training ends. */
    @Override
    public void close() {
        try {
            await();
        } finally {
            finisher.shutdown();
        }
    }

    private void put(Path aside, Path target) throws IOException {
        Path former = aside(target.resolveSibling(target.getFileName() + ".former"));
        if (Files.exists(target)) {
            DurableFiles.delete(former);
            Files.move(target, former, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.forceOne(directory);
        DurableFiles.delete(former);
    }

    private void prune() {
        while (steps.size() > settings.keep()) {
            steps.removeFirst();
        }
        try (Stream<Path> all = list()) {
            for (Path path : all.filter(this::isOwn).toList()) {
                if (steps.contains(Integer.parseInt(path.getFileName().toString()))) {
                    continue;
                }
                if (path.equals(best)) {
                    Files.deleteIfExists(path.resolve(Checkpoint.TENSORS));
                } else {
                    Path former = aside(path);
                    Files.move(
                            path,
                            former,
                            StandardCopyOption.ATOMIC_MOVE); // else it would look corrupt while it is deleted
                    DurableFiles.delete(former);
                }
            }
        } catch (IOException e) {
            events.log("warn", "An earlier checkpoint could not be removed: " + DurableFiles.reason(e) + ".");
        }
    }

    private boolean isOwn(Path path) {
        return path.getFileName().toString().matches("\\d{8}");
    }

    private Stream<Path> list() throws IOException {
        return Files.list(directory);
    }

    private Path of(int step) {
        return directory.resolve(Checkpoint.name(step));
    }

    private static Path aside(Path path) {
        return path.resolveSibling(path.getFileName() + ASIDE);
    }

    /** Returns the model of the best epoch. */
    public Path modelOf(EpochMetrics epoch) {
        await();
        if (best == null || bestStep != epoch.step()) {
            // The disk failed, not the job: a retry may find room.
            String message = "The model of epoch " + epoch.epoch() + " could not be written.";
            throw new UncheckedIOException(message, new IOException(message));
        }
        return best.resolve(WorkFiles.MODEL);
    }
}
