package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.StoredWeights;
import dev.anneal.transformer.weights.WeightNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Facts about a model, read from its files without loading it: {@code maxLength} is in tokens, {@code sizeBytes} and
 * {@code sha256} are those of the concatenated weight files; {@code parameters} is the number of weights that may be loaded;
 * {@code task} is null for a model without a head, {@code labels} is empty if the model is not a classifier; {@code unused} are
 * tensors of the files that the model does not use.
 */
public record ModelFiles(
        String architecture,
        @Nullable Task task,
        long parameters,
        List<String> labels,
        int maxLength,
        long sizeBytes,
        String sha256,
        List<String> unused) {

    /**
     * Reads config.json and the headers and hash of the weights. Throws a {@link ModelException} if they contradict each other.
     */
    public static ModelFiles inspect(Path directory) {
        requireFile(directory, HuggingFaceFiles.CONFIG);
        ModelConfig config = ModelConfig.read(directory);
        Architecture architecture = Architecture.of(config);
        architecture.settings(config);
        Map<String, StoredTensor> files = StoredWeights.read(directory);
        if (files.isEmpty()) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + " contains no tensors");
        }
        if (architecture.layers(config) > files.size()) { // checked first: each layer has shapes
            throw new ModelException(HuggingFaceFiles.CONFIG + ": '" + architecture.layersField() + "' is "
                    + architecture.layers(config) + ", but the weights have only " + files.size() + " tensors");
        }
        Head head = head(architecture, config, files);
        Map<String, StoredTensor> tensors = new WeightNames(architecture, head).toProgram(files);
        Map<String, Shape> shapes = new HashMap<>(architecture.shapes(config));
        if (head != null) {
            shapes.putAll(head.shapes());
        }
        shapes.forEach((name, shape) -> Model.required(tensors, name, shape));
        long parameters = parameters(architecture, config, files, shapes);
        List<String> unused = tensors.keySet().stream()
                .filter(name -> !shapes.containsKey(name))
                .sorted()
                .toList();
        List<Path> weights = StoredWeights.files(directory);
        try {
            long size = 0;
            for (Path file : weights) {
                size += Files.size(file);
            }
            return new ModelFiles(
                    config.modelType(),
                    head == null ? null : head.task(),
                    parameters,
                    head == null || !head.task().hasLabels() ? List.of() : config.labels(),
                    ModelDirectory.maxLength(directory, config),
                    size,
                    sha256(weights),
                    unused);
        } catch (IOException e) {
            throw new ModelException("The weights cannot be read", e);
        }
    }

    /**
     * Returns the number of the weights that the model has, with those of other heads that a job may use. Other tensors of the
     * files are never loaded, whatever their size is.
     */
    private static long parameters(
            Architecture architecture, ModelConfig config, Map<String, StoredTensor> files, Map<String, Shape> shapes) {
        Map<WeightNames, Map<String, Shape>> heads = new LinkedHashMap<>();
        for (Task task : Task.values()) {
            try {
                Head head = architecture.head(
                        task, config, Math.max(1, config.labels().size()));
                Map<String, Shape> all = new HashMap<>(shapes);
                all.putAll(head.shapes());
                heads.put(new WeightNames(architecture, head), all);
            } catch (ModelException notSupported) {
                // this architecture has no such head
            }
        }
        Set<String> counted = new HashSet<>();
        long parameters = 0;
        for (Map.Entry<String, StoredTensor> file : files.entrySet()) {
            StoredTensor tensor = file.getValue();
            boolean isUsed = tensor.isFloat()
                    && heads.entrySet().stream().anyMatch(head -> {
                        String name = head.getKey()
                                .toProgram(Map.of(file.getKey(), tensor))
                                .firstKey();
                        return new Shape(tensor.shape()).equals(head.getValue().get(name)) && counted.add(name);
                    });
            parameters += isUsed ? tensor.count() : 0;
        }
        return parameters;
    }

    /** Throws a {@link ModelException} if a model directory has no such file. */
    public static void requireFile(Path directory, String file) {
        if (!Files.isRegularFile(directory.resolve(file))) {
            throw new ModelException("The model has no " + file);
        }
    }

    /** Returns the head that config.json names, or null if its weights are missing; a decoder needs its head. */
    private static @Nullable Head head(Architecture architecture, ModelConfig config, Map<String, StoredTensor> files) {
        Task task = config.task();
        if (task == null) {
            return null;
        }
        Head head = architecture.head(task, config, config.labels().size());
        Map<String, StoredTensor> tensors = new WeightNames(architecture, head).toProgram(files);
        boolean there = tensors.keySet().containsAll(head.shapes().keySet());
        return there || task == Task.CAUSAL_LM ? head : null;
    }

    private static String sha256(List<Path> files) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                        digest.update(buffer, 0, read);
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
