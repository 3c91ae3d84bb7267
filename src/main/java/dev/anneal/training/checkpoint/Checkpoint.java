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
import tools.jackson.core.JacksonException;

/**
 * A directory that a run can go on from: {@code training.safetensors} is all that is trained, as it is, with what the
 * optimizer knows; {@code state.json} the rest, and the checksums of all other files; {@code model/}, at the end of an epoch,
 * what would be published.
 */
public record Checkpoint(Path directory, Contents contents) {
    static final String TENSORS = "training.safetensors";
    static final String STATE = "state.json";

    /** The {@code state.json}. */
    record Contents(
            TrainingState training,
            @JsonProperty("owed_decay") double deferredDecay,
            Map<String, String> files) {}

    /** Why a checkpoint cannot be used. */
    public static final class Unusable extends Exception {
        Unusable(String message) {
            super(message, null, false, false);
        }
    }

    /** Says where the run stood; {@link #verify} says whether the rest is there. */
    static Checkpoint read(Path directory) throws Unusable {
        try {
            Contents contents = Json.read(Files.readString(directory.resolve(STATE)), Contents.class);
            if (contents.training() == null || contents.files() == null) {
                throw new Unusable(STATE + " is not whole");
            }
            return new Checkpoint(directory, contents);
        } catch (JacksonException e) {
            throw new Unusable(STATE + " is damaged");
        } catch (IOException e) {
            throw new Unusable(STATE + " cannot be read: " + e.getMessage());
        }
    }

    /** What the directory of one is called where it was written. */
    static String name(int step) {
        return "%08d".formatted(step);
    }

    public TrainingState state() {
        return contents.training();
    }

    /** Of the best epoch only the model is kept when newer checkpoints are written. */
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

    /** Whether it is whole. */
    void verify() throws Unusable {
        if (!contents.files().containsKey(TENSORS)) {
            throw new Unusable(STATE + " is not whole");
        }
        verify(false);
    }

    /** Whether its model is whole. */
    void verifyModel() throws Unusable {
        if (!hasModel()) {
            throw new Unusable("there is no model");
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
                    throw new Unusable(file.getKey() + " is damaged");
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
            throw new Unusable(e.getMessage());
        }
    }
}
