package dev.anneal.transformer.weights;

import dev.anneal.text.Visible;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads the tensors of a model directory, from one file or from several with an index. */
public final class StoredWeights {

    private StoredWeights() {}

    /** Returns the weight files; throws a {@link ModelException} if the index names a file that is missing. */
    public static List<Path> files(Path directory) {
        Path single = directory.resolve(HuggingFaceFiles.WEIGHTS);
        if (Files.isRegularFile(single)) {
            return List.of(single);
        }
        if (!Files.isRegularFile(directory.resolve(HuggingFaceFiles.WEIGHTS_INDEX))) {
            throw new ModelException("The model has no " + HuggingFaceFiles.WEIGHTS);
        }
        return new TreeSet<>(index(directory).values())
                .stream()
                        .map(name -> {
                            Path file = directory.resolve(name);
                            if (!name.matches("[\\w.-]+\\.safetensors") || !Files.isRegularFile(file)) {
                                throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " names "
                                        + Visible.quote(name) + ", but the model has no such file");
                            }
                            return file;
                        })
                        .toList();
    }

    /** Returns all tensors by their names in the files. */
    public static SortedMap<String, StoredTensor> read(Path directory) {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        files(directory).forEach(file -> tensors.putAll(Safetensors.read(file)));
        if (!Files.isRegularFile(directory.resolve(HuggingFaceFiles.WEIGHTS))) {
            index(directory).forEach((tensor, file) -> {
                if (!tensors.containsKey(tensor)) {
                    throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " says that " + file
                            + " contains the tensor " + tensor + ", but it does not");
                }
            });
        }
        return tensors;
    }

    private static Map<String, String> index(Path directory) {
        JsonNode map = HuggingFaceFiles.read(directory.resolve(HuggingFaceFiles.WEIGHTS_INDEX))
                .path("weight_map");
        Map<String, String> files = new HashMap<>();
        map.properties()
                .forEach(entry -> files.put(entry.getKey(), entry.getValue().asString("")));
        if (files.isEmpty()) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " has no weight_map");
        }
        return files;
    }
}
