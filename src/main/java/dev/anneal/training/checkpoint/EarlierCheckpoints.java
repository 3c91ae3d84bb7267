package dev.anneal.training.checkpoint;

import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.weights.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The checkpoints of earlier processes, the newest first; {@code own} is the directory into which this one writes. */
record EarlierCheckpoints(List<String> from, Path own, TrainedRows rows, EventStream events) {
    /** Restores the tensors of a checkpoint; throws an exception if it does not belong to this job. */
    public interface Restore {
        void from(SortedMap<String, StoredTensor> tensors, Checkpoint checkpoint) throws Checkpoint.Unusable;
    }

    /** The checkpoint to resume from, and the one with the model of the best epoch, if one has ended. */
    record Found(Checkpoint checkpoint, @Nullable Checkpoint best) {}

    /** Resumes from the newest checkpoint that is complete, if there is one. */
    @Nullable
    Found resume(Restore restore) {
        for (Path path : paths()) {
            try {
                Checkpoint checkpoint = Checkpoint.read(path);
                if (checkpoint.isModelOnly()) {
                    continue;
                }
                checkpoint.require(rows);
                checkpoint.verify();
                EpochMetrics best = checkpoint.state().best();
                Found found = new Found(checkpoint, best == null ? null : best(best, checkpoint));
                restore.from(checkpoint.tensors(), checkpoint);
                return found;
            } catch (Checkpoint.Unusable e) {
                events.log("warn", "Skipped the checkpoint " + path.getFileName() + ": " + e.getMessage() + ".");
            }
        }
        return null;
    }

    private List<Path> paths() {
        return from.stream().map(Path::of).filter(path -> !isOfParts(path)).toList();
    }

    /** Returns whether a checkpoint has only the scores of parts, because it was written before the training of the job's model. */
    private static boolean isOfParts(Path path) {
        return Files.exists(path.resolve(WorkFiles.PARTS)) && !Files.exists(path.resolve(Checkpoint.STATE));
    }

    private Checkpoint best(EpochMetrics epoch, Checkpoint resumed) throws Checkpoint.Unusable {
        List<Path> places = new ArrayList<>(List.of(resumed.directory(), own.resolve(Checkpoint.name(epoch.step()))));
        places.addAll(paths());
        String reason = "it is missing";
        for (Path place : places) {
            if (!Files.exists(place.resolve(Checkpoint.STATE))) {
                continue;
            }
            try {
                Checkpoint checkpoint = Checkpoint.read(place);
                if (checkpoint.state().step() == epoch.step() && checkpoint.hasModel()) {
                    checkpoint.verifyModel();
                    return checkpoint;
                }
            } catch (Checkpoint.Unusable e) {
                reason = e.getMessage();
            }
        }
        throw new Checkpoint.Unusable("the model of the best epoch, " + epoch.epoch() + ", cannot be used: " + reason);
    }
}
