package dev.anneal.training.checkpoint;

import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import dev.anneal.transformer.weights.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** What earlier processes left, wherever it is now, the newest first; {@code own} is where this one writes its own. */
record EarlierCheckpoints(List<String> from, Path own, EventStream events) {
    /** Takes what a checkpoint holds, or says why it is none of this run's. */
    public interface Restore {
        void from(SortedMap<String, StoredTensor> tensors, Checkpoint checkpoint) throws Checkpoint.Unusable;
    }

    /** Where training goes on, and where the model of the best epoch is, which is null where none has ended. */
    record Found(Checkpoint checkpoint, Checkpoint best) {}

    /** Goes on from the newest that is whole; null where there is none. */
    Found resume(Restore restore) {
        for (Path path : paths()) {
            try {
                Checkpoint checkpoint = Checkpoint.read(path);
                if (checkpoint.isModelOnly()) {
                    continue;
                }
                checkpoint.verify();
                EpochMetrics best = checkpoint.state().best();
                Found found = new Found(checkpoint, best == null ? null : best(best, checkpoint));
                restore.from(checkpoint.tensors(), checkpoint);
                return found;
            } catch (Checkpoint.Unusable e) {
                events.log("warn", "the checkpoint " + path.getFileName() + " is passed over: " + e.getMessage());
            }
        }
        return null;
    }

    private List<Path> paths() {
        return from.stream().map(Path::of).toList();
    }

    private Checkpoint best(EpochMetrics epoch, Checkpoint resumed) throws Checkpoint.Unusable {
        List<Path> places = new ArrayList<>(List.of(resumed.directory(), own.resolve(Checkpoint.name(epoch.step()))));
        places.addAll(paths());
        String reason = "it is not there";
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
