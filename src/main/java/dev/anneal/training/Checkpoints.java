package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.transformer.Safetensors;
import dev.anneal.transformer.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Writes the checkpoints of a run into its directory, each one whole or not at all, and finds the one to go on from. */
final class Checkpoints {
    static final String DIRECTORY = "checkpoints";
    private static final String ASIDE = ".tmp";

    /** Writes the model of an epoch. */
    interface Export {
        void to(Path directory) throws IOException;
    }

    /** Takes what a checkpoint holds, or says why it is none of this run's. */
    interface Restore {
        void from(SortedMap<String, StoredTensor> tensors, Checkpoint checkpoint) throws Checkpoint.Unusable;
    }

    private final Path directory;
    private final TrainingSpec.Checkpoints settings;
    private final EventStream events;
    /** The steps of those that stay for now, the oldest first. */
    private final Deque<Integer> steps = new ArrayDeque<>();
    /** The directory that holds the model of the best epoch. */
    private Path best;

    private long lastNanos = System.nanoTime();
    private int lastStep;

    Checkpoints(Path directory, TrainingSpec.Checkpoints settings, EventStream events) {
        this.directory = directory;
        this.settings = settings == null ? TrainingSpec.Checkpoints.DEFAULT : settings;
        this.events = events;
        try {
            Files.createDirectories(directory);
            removeAside();
        } catch (IOException e) {
            // told when a checkpoint cannot be written
        }
    }

    private void removeAside() throws IOException {
        try (Stream<Path> all = list()) {
            for (Path left : all.filter(path -> path.toString().endsWith(ASIDE)).toList()) {
                DurableFiles.delete(left);
            }
        }
    }

    /** Goes on from the newest that is whole; null where there is none. */
    Checkpoint resume(Restore restore) {
        for (String from : Objects.requireNonNullElse(settings.from(), List.<String>of())) {
            Path path = Path.of(from);
            try {
                Checkpoint checkpoint = Checkpoint.read(path);
                if (checkpoint.isModelOnly()) {
                    continue;
                }
                checkpoint.verify();
                EpochMetrics bestEpoch = checkpoint.state().best();
                Path model = bestEpoch == null ? null : modelOf(bestEpoch, checkpoint);
                restore.from(checkpoint.tensors(), checkpoint);
                best = model;
                lastStep = checkpoint.state().step();
                if (path.toAbsolutePath().equals(of(lastStep).toAbsolutePath())) {
                    steps.add(lastStep);
                }
                return checkpoint;
            } catch (Checkpoint.Unusable e) {
                events.log("warn", "the checkpoint " + path.getFileName() + " is passed over: " + e.getMessage());
            }
        }
        return null;
    }

    private Path modelOf(EpochMetrics epoch, Checkpoint resumed) throws Checkpoint.Unusable {
        List<Path> places = new ArrayList<>(List.of(resumed.directory(), of(epoch.step())));
        settings.from().forEach(from -> places.add(Path.of(from)));
        String reason = "it is not there";
        for (Path place : places) {
            try {
                Checkpoint checkpoint = Checkpoint.read(place);
                if (checkpoint.state().step() == epoch.step() && checkpoint.hasModel()) {
                    checkpoint.verifyModel();
                    return place;
                }
            } catch (Checkpoint.Unusable e) {
                reason = Files.exists(place) ? e.getMessage() : reason;
            }
        }
        throw new Checkpoint.Unusable("the model of the best epoch, " + epoch.epoch() + ", cannot be used: " + reason);
    }

    /** Whether the time for one has come, so many steps after the start of the run. */
    boolean isDue(int step) {
        return settings.everySteps() != null && step - lastStep >= settings.everySteps()
                || settings.everySeconds() != null && System.nanoTime() - lastNanos >= settings.everySeconds() * 1e9;
    }

    /**
     * Writes one and removes those that it supersedes. Where that cannot be done the reason is told, all earlier ones stay,
     * and the answer is false.
     */
    boolean write(
            String reason,
            TrainingState state,
            double owedDecay,
            SortedMap<String, StoredTensor> tensors,
            Export model,
            BestEpoch bestEpoch) {
        lastStep = state.step();
        Path target = of(state.step());
        Path aside = aside(target);
        try {
            DurableFiles.delete(aside);
            Files.createDirectories(aside);
            Safetensors.write(aside.resolve(Checkpoint.TENSORS), tensors);
            if (model != null) {
                model.to(aside.resolve(Trainer.MODEL));
            }
            Map<String, String> files = new TreeMap<>();
            for (String file : DurableFiles.list(aside)) {
                files.put(file, DurableFiles.checksum(aside.resolve(file)));
            }
            Files.writeString(
                    aside.resolve(Checkpoint.STATE), Json.write(new Checkpoint.Contents(state, owedDecay, files)));
            DurableFiles.force(aside);
            long size = DurableFiles.size(aside);
            put(aside, target);
            if (model != null && state.best().step() == state.step()) {
                best = target;
            }
            events.emit(
                    TrainerEvent.CHECKPOINT,
                    new TrainerEvent.Checkpoint(
                            state.step(),
                            state.epoch(),
                            reason,
                            target.getFileName().toString(),
                            size,
                            model != null,
                            bestEpoch));
            steps.remove(state.step());
            steps.add(state.step());
            prune();
            return true;
        } catch (IOException | UncheckedIOException e) {
            discard(aside);
            events.log(
                    "warn",
                    "the checkpoint of step " + state.step() + " cannot be written, training goes on: "
                            + e.getMessage());
            return false;
        } finally {
            lastNanos = System.nanoTime();
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

    private void discard(Path aside) {
        try {
            DurableFiles.delete(aside);
        } catch (IOException e) {
            // the next one tries again
        }
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
                    Files.move(path, former, StandardCopyOption.ATOMIC_MOVE); // else it might look damaged
                    DurableFiles.delete(former);
                }
            }
        } catch (IOException e) {
            events.log("warn", "an earlier checkpoint cannot be removed: " + e.getMessage());
        }
    }

    private boolean isOwn(Path path) {
        return path.getFileName().toString().matches("\\d{8}");
    }

    private Stream<Path> list() throws IOException {
        return Files.list(directory);
    }

    private Path of(int step) {
        return directory.resolve("%08d".formatted(step));
    }

    private static Path aside(Path path) {
        return path.resolveSibling(path.getFileName() + ASIDE);
    }

    /** The model of the best epoch. */
    Path bestModel() {
        return best.resolve(Trainer.MODEL);
    }
}
