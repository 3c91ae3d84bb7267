package dev.anneal.transformer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What the files of a model directory say without loading it: {@code parameters} is a number of elements, {@code maxLength}
 * a number of tokens, {@code sizeBytes} and {@code sha256} are those of model.safetensors; {@code labels} is empty for a
 * model that is no classifier.
 */
public record ModelFiles(
        String architecture, long parameters, List<String> labels, int maxLength, long sizeBytes, String sha256) {

    /** Looks through a directory; one that cannot be fine-tuned or served is a {@link ModelException}. */
    public static ModelFiles inspect(Path directory) {
        for (String file : List.of(ModelConfig.FILE, Model.WEIGHTS_FILE, Tokenizer.FILE)) {
            if (!Files.isRegularFile(directory.resolve(file))) {
                throw new ModelException("the model has no " + file);
            }
        }
        ModelConfig config = ModelConfig.read(directory);
        Architecture architecture = Architecture.of(config);
        Map<String, StoredTensor> tensors = new HashMap<>();
        Path weights = directory.resolve(Model.WEIGHTS_FILE);
        Safetensors.read(weights).forEach((name, tensor) -> tensors.put(architecture.toProgram(name), tensor));
        architecture.shapes(config).forEach((name, shape) -> Model.required(tensors, name, shape));
        long parameters = tensors.values().stream()
                .filter(StoredTensor::isFloat)
                .mapToLong(StoredTensor::count)
                .sum();
        List<String> labels = tensors.containsKey("classifier.weight") ? config.labels() : List.of();
        int maxLength = ModelDirectory.maxLength(directory, config);
        try {
            return new ModelFiles(
                    config.modelType(), parameters, labels, maxLength, Files.size(weights), sha256(weights));
        } catch (IOException e) {
            throw new ModelException("cannot read " + weights, e);
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
