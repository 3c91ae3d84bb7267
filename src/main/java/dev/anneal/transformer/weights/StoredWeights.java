package dev.anneal.transformer.weights;

import dev.anneal.json.Json;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The tensors of a model directory, whether they are in one file or in several with an index. */
public final class StoredWeights {

    private StoredWeights() {}

    /** The files that hold them; one that the index names and the directory lacks is a {@link ModelException}. */
    public static List<Path> files(Path directory) {
        Path single = directory.resolve(HuggingFaceFiles.WEIGHTS);
        if (Files.isRegularFile(single)) {
            return List.of(single);
        }
        if (!Files.isRegularFile(directory.resolve(HuggingFaceFiles.WEIGHTS_INDEX))) {
            throw new ModelException("the model has no " + HuggingFaceFiles.WEIGHTS);
        }
        return new TreeSet<>(index(directory).values())
                .stream()
                        .map(name -> {
                            Path file = directory.resolve(name);
                            if (!name.matches("[\\w.-]+\\.safetensors") || !Files.isRegularFile(file)) {
                                throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " names " + name
                                        + ", and there is no such file");
                            }
                            return file;
                        })
                        .toList();
    }

    /** All tensors by the names that they have in the files. */
    public static SortedMap<String, StoredTensor> read(Path directory) {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        files(directory).forEach(file -> tensors.putAll(Safetensors.read(file)));
        if (!Files.isRegularFile(directory.resolve(HuggingFaceFiles.WEIGHTS))) {
            index(directory).forEach((tensor, file) -> {
                if (!tensors.containsKey(tensor)) {
                    throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " says that " + file + " has the tensor "
                            + tensor + ", it has not");
                }
            });
        }
        return tensors;
    }

    private static Map<String, String> index(Path directory) {
        try {
            JsonNode map = Json.MAPPER
                    .readTree(Files.readString(directory.resolve(HuggingFaceFiles.WEIGHTS_INDEX)))
                    .path("weight_map");
            Map<String, String> files = new HashMap<>();
            map.properties()
                    .forEach(entry -> files.put(entry.getKey(), entry.getValue().asString("")));
            if (files.isEmpty()) {
                throw new ModelException(HuggingFaceFiles.WEIGHTS_INDEX + " has no weight_map");
            }
            return files;
        } catch (JacksonException e) {
            throw new ModelException(
                    HuggingFaceFiles.WEIGHTS_INDEX + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException("cannot read " + directory.resolve(HuggingFaceFiles.WEIGHTS_INDEX), e);
        }
    }
}
