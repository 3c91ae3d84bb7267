package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Model directories for tests, made once in a run. */
public final class TestModels {
    private static final Path ROOT = Path.of("target", "test-models").toAbsolutePath();

    private TestModels() {}

    /** The bundled all-MiniLM-L6-v2. */
    public static synchronized Path bundled() {
        Path directory = ROOT.resolve("bundled");
        if (!Files.exists(directory.resolve(Tokenizer.FILE))) {
            try {
                BundledModel.write(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    /** A BERT with one layer of 16 numbers and random weights; a classifier where labels are given. */
    public static Path tiny(Path directory, String... labels) throws IOException {
        Files.createDirectories(directory);
        ModelConfig bundled = ModelConfig.read(bundled());
        ModelConfig config = new ModelConfig(bundled.fields()
                .deepCopy()
                .put("hidden_size", 16)
                .put("num_hidden_layers", 1)
                .put("num_attention_heads", 2)
                .put("intermediate_size", 32));
        Architecture architecture = Architecture.of(config);
        TreeMap<String, Shape> shapes = new TreeMap<>(architecture.shapes(config));
        if (labels.length > 0) {
            shapes.putAll(Head.classification(config, labels.length).shapes());
            config = config.asClassifier("BertForSequenceClassification", List.of(labels));
        }
        Random random = new Random(7);
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        shapes.forEach((name, shape) -> {
            ByteBuffer values = ByteBuffer.allocate((int) shape.size() * 4).order(ByteOrder.LITTLE_ENDIAN);
            while (values.hasRemaining()) {
                values.putFloat((float) random.nextGaussian() * 0.5f);
            }
            StoredTensor tensor = new StoredTensor("F32", shape.getShape(), () -> values.flip());
            tensors.put(labels.length > 0 ? architecture.toFile(name) : name, tensor);
        });
        config.write(directory);
        Safetensors.write(directory.resolve(Model.WEIGHTS_FILE), tensors);
        for (String file : List.of(Tokenizer.FILE, ModelDirectory.TOKENIZER_CONFIG)) {
            Files.copy(bundled().resolve(file), directory.resolve(file));
        }
        return directory;
    }
}
