package dev.anneal.transformer;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.StoredWeights;
import dev.anneal.transformer.weights.WeightNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/**
 * A classifier whose scores are divided by a temperature. The temperature is a factor of the weights and the bias of its last
 * layer, so every program that loads the files computes the same.
 */
public final class CalibratedHead {
    /** The last layer, by the names of its tensors in a program. */
    private static final List<String> LAST_LAYER = List.of("classifier.weight", "classifier.bias");

    private static final String PREFIX_IN_ADAPTER = "base_model.model.";

    private CalibratedHead() {}

    /** Divides the scores of the model in a directory by a temperature. Its files may be links: they are replaced, not changed. */
    public static void write(Path directory, double temperature) throws IOException {
        ModelConfig config = ModelConfig.read(directory);
        Task task = config.task();
        if (task != Task.TEXT_CLASSIFICATION && task != Task.MULTI_LABEL) {
            throw new ModelException("Only models for text-classification have a temperature");
        }
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(task, config, config.labels().size());
        WeightNames names = new WeightNames(architecture, head);
        for (Path file : StoredWeights.files(directory)) {
            divide(file, "", names, temperature);
        }
        Path adapter = directory.resolve(ModelDirectory.ADAPTER).resolve(HuggingFaceFiles.ADAPTER_WEIGHTS);
        if (Files.exists(adapter)) {
            divide(adapter, PREFIX_IN_ADAPTER, names, temperature);
        }
        Files.delete(directory.resolve(HuggingFaceFiles.CONFIG)); // a link, whose other name keeps the old text
        config.withTemperature(temperature).write(directory);
    }

    private static void divide(Path file, String prefix, WeightNames names, double temperature) throws IOException {
        SortedMap<String, StoredTensor> tensors = Safetensors.read(file);
        for (String name : LAST_LAYER) {
            tensors.computeIfPresent(prefix + names.toFile(name), (key, tensor) -> divided(tensor, temperature));
        }
        Safetensors.write(file, tensors);
    }

    private static StoredTensor divided(StoredTensor tensor, double temperature) {
        if (!tensor.dtype().equals("F32")) {
            throw new ModelException("The head is stored as " + tensor.dtype() + ", not as F32");
        }
        return new StoredTensor(tensor.dtype(), tensor.shape(), () -> {
            ByteBuffer from = tensor.bytes().get().order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer to = ByteBuffer.allocate(from.remaining()).order(ByteOrder.LITTLE_ENDIAN);
            while (from.hasRemaining()) {
                to.putFloat((float) (from.getFloat() / temperature));
            }
            return to.flip();
        });
    }
}
