package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import dev.anneal.model.BundledModel;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.WeightNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.util.FileSystemUtils;

/** Model directories for tests. The bundled one is made once in a run, and two processes may want it at the same time. */
public final class TestModels {
    private static final Path ROOT = Path.of("target", "test-models").toAbsolutePath();

    private TestModels() {}

    /** The bundled all-MiniLM-L6-v2. */
    public static synchronized Path bundled() {
        Path directory = ROOT.resolve("bundled");
        if (!Files.exists(directory)) {
            try {
                Path aside = Files.createTempDirectory(Files.createDirectories(ROOT), "aside");
                BundledModel.write(aside);
                moveUnlessThere(aside, directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    /**
     * A BERT with one layer of 16 numbers, the embeddings of 30,522 tokens and a tokenizer of 152, which is read and checked sooner:
     * 2 MB for tests that do not look at what it computes.
     */
    public static Path withSmallTokenizer(Path directory, String... labels) throws IOException {
        return random(directory, Path.of("src/test/resources/models/bert"), 30_522, labels);
    }

    /** The bundled model with all of its layers and a seventh of its vocabulary. */
    public static Path small() {
        return part("small", 6);
    }

    /** The same with its first two layers only, of six. It learns from few texts, too, in a third of the time. */
    public static Path shallow() {
        return part("shallow", 2);
    }

    /** The bundled model with its first layers, and with the tokens that texts of tests often have. */
    private static synchronized Path part(String name, int layers) {
        Path directory = ROOT.resolve(name);
        if (!Files.exists(directory)) {
            try {
                Path aside = Files.createTempDirectory(Files.createDirectories(ROOT), "aside");
                FewTokens tokens = FewTokens.of(bundled());
                tokens.writeTokenizer(aside);
                new ModelConfig(ModelConfig.read(bundled())
                                .fields()
                                .deepCopy()
                                .put("num_hidden_layers", layers)
                                .put("vocab_size", tokens.count()))
                        .write(aside);
                SortedMap<String, StoredTensor> tensors =
                        new TreeMap<>(Safetensors.read(bundled().resolve(HuggingFaceFiles.WEIGHTS)));
                tensors.keySet().removeIf(tensor -> tensor.matches("encoder\\.layer\\.[" + layers + "-9]\\..*"));
                tensors.computeIfPresent("embeddings.word_embeddings.weight", (tensor, all) -> tokens.rows(all));
                Safetensors.write(aside.resolve(HuggingFaceFiles.WEIGHTS), tensors);
                moveUnlessThere(aside, directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    private static void moveUnlessThere(Path aside, Path directory) throws IOException {
        try {
            Files.move(aside, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException anotherWasFaster) {
            FileSystemUtils.deleteRecursively(aside);
        }
    }

    /** The head of a model for a task. */
    public static Head head(ModelConfig config, Task task, int labels) {
        return Architecture.of(config).head(task, config, labels);
    }

    /** A model with every weight that is missing made of zeros. */
    public static Model load(Path directory, Task task, String... labels) {
        ModelConfig config = ModelConfig.read(directory);
        Head head = head(config, task, labels.length);
        return Model.load(
                directory,
                config.withHead(head, List.of(labels)),
                head,
                "cpu",
                0,
                null,
                (name, shape) -> new float[(int) shape.size()]);
    }

    /** A BERT with one layer of 16 numbers, a seventh of the bundled vocabulary and random weights; a classifier if labels are given. */
    public static Path tiny(Path directory, String... labels) throws IOException {
        Path shallow = shallow();
        return random(directory, shallow, ModelConfig.read(shallow).integer("vocab_size"), labels);
    }

    private static Path random(Path directory, Path tokenizer, int tokens, String... labels) throws IOException {
        Files.createDirectories(directory);
        ModelConfig bundled = ModelConfig.read(bundled());
        ModelConfig config = new ModelConfig(bundled.fields()
                .deepCopy()
                .put("hidden_size", 16)
                .put("num_hidden_layers", 1)
                .put("num_attention_heads", 2)
                .put("intermediate_size", 32)
                .put("vocab_size", tokens));
        Architecture architecture = Architecture.of(config);
        TreeMap<String, Shape> shapes = new TreeMap<>(architecture.shapes(config));
        if (labels.length > 0) {
            config = config.withHead(head(config, Task.TEXT_CLASSIFICATION, labels.length), List.of(labels));
            shapes.putAll(head(config, Task.TEXT_CLASSIFICATION, labels.length).shapes());
        }
        WeightNames names = new WeightNames(architecture, head(config, Task.TEXT_CLASSIFICATION, labels.length));
        Random random = new Random(7);
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        shapes.forEach((name, shape) -> {
            ByteBuffer values = ByteBuffer.allocate((int) shape.size() * 4).order(ByteOrder.LITTLE_ENDIAN);
            while (values.hasRemaining()) {
                values.putFloat((float) random.nextGaussian() * 0.5f);
            }
            StoredTensor tensor = new StoredTensor("F32", shape.getShape(), () -> values.flip());
            tensors.put(labels.length > 0 ? names.toFile(name) : name, tensor);
        });
        config.write(directory);
        Safetensors.write(directory.resolve(HuggingFaceFiles.WEIGHTS), tensors);
        for (String file : List.of(HuggingFaceFiles.TOKENIZER, HuggingFaceFiles.TOKENIZER_CONFIG)) {
            Files.copy(tokenizer.resolve(file), directory.resolve(file));
        }
        return directory;
    }
}
