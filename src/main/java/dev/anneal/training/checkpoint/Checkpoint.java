package dev.anneal.training.checkpoint;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anneal.files.DurableFiles;
import dev.anneal.json.Json;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A directory from which a run can resume: {@code training.safetensors} holds the trained weights and the state of the
 * optimizer, {@code state.json} the rest and the checksums of all other files, {@code model/}, at the end of an epoch, the
 * model as it would be published.
 */
public record Checkpoint(Path directory, Contents contents) {
    static final String TENSORS = "training.safetensors";
    static final String STATE = "state.json";

    /**
     * The content of {@code state.json}. The number of training examples is null in those of older versions, and so is the hash of
     * drawn rows, which is null for a job that trains on all rows, too.
     */
    record Contents(
            TrainingState training,
            @Nullable Integer examples,
            @Nullable String drawn,
            @JsonProperty("owed_decay") double deferredDecay,
            Map<String, String> files) {}

    /** Thrown when a checkpoint cannot be used; the message is a clause. */
    public static final class Unusable extends Exception {
        Unusable(String message) {
            super(message, null, false, false);
        }
    }

    /** Reads the state; {@link #verify} checks the other files. */
    static Checkpoint read(Path directory) throws Unusable {
        try {
            Contents contents = Json.read(Files.readString(directory.resolve(STATE)), Contents.class);
            if (contents.training() == null || contents.files() == null) {
                throw new Unusable(STATE + " is incomplete");
            }
            return new Checkpoint(directory, contents);
        } catch (JacksonException e) {
            throw new Unusable(STATE + " is corrupt");
        } catch (IOException e) {
            throw new Unusable(STATE + " cannot be read: " + e.getMessage());
        }
    }

    /** Throws an exception if the run had other training rows, so that its steps are not those of this run. */
    void require(TrainedRows rows) throws Unusable {
        Integer before = contents.examples();
        if (before != null && before != rows.examples()) {
            throw new Unusable(
                    "it is of a run with " + before + " training examples, but this run has " + rows.examples());
        }
        if (rows.drawn() != null && contents.drawn() == null) {
            throw new Unusable("an earlier version wrote it, which may have drawn other rows for the subset");
        }
        if (rows.drawn() != null && !rows.drawn().equals(contents.drawn())) {
            throw new Unusable("it is of a run that drew other rows for the subset");
        }
    }

    /** Returns the name of the directory of a checkpoint. */
    static String name(int step) {
        return "%08d".formatted(step);
    }

    public TrainingState state() {
        return contents.training();
    }

    /** Returns whether only the model is left, as for the best epoch once newer checkpoints are written. */
    boolean isModelOnly() {
        return hasModel() && !Files.exists(directory.resolve(TENSORS));
    }

    boolean hasModel() {
        return contents.files().keySet().stream().anyMatch(Checkpoint::isOfModel);
    }

    private static boolean isOfModel(String file) {
        return file.startsWith(WorkFiles.MODEL + "/");
    }

    Path model() {
        return directory.resolve(WorkFiles.MODEL);
    }

    /** Throws an exception if a file is missing or corrupt. */
    void verify() throws Unusable {
        if (!contents.files().containsKey(TENSORS)) {
            throw new Unusable(STATE + " is incomplete");
        }
        verify(false);
    }

    /** Throws an exception if a file of the model is missing or corrupt. */
    void verifyModel() throws Unusable {
        if (!hasModel()) {
            throw new Unusable("its model is missing");
        }
        verify(true);
    }

    private void verify(boolean modelOnly) throws Unusable {
        for (Map.Entry<String, String> file : contents.files().entrySet()) {
            if (modelOnly && !isOfModel(file.getKey())) {
                continue;
            }
            try {
                if (!DurableFiles.checksum(directory.resolve(file.getKey())).equals(file.getValue())) {
                    throw new Unusable(file.getKey() + " is corrupt");
                }
            } catch (IOException e) {
                throw new Unusable(file.getKey() + " cannot be read: " + e.getMessage());
            }
        }
    }

    SortedMap<String, StoredTensor> tensors() throws Unusable {
        try {
            return Safetensors.read(directory.resolve(TENSORS));
        } catch (ModelException e) {
            throw new Unusable(String.valueOf(e.getMessage()));
        }
    }
}
