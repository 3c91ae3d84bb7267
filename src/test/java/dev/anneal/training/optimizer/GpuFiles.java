package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.anneal.json.Json;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.ProgramFile;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.WeightNames;
import dev.anneal.transformer.weights.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.springframework.util.FileSystemUtils;

/**
 * Writes what {@code bench/gpu.py} needs on a machine with a GPU and without Java: {@code GpuFiles <folder>}. For each model there
 * are the programs that trainers and model hosts run, its weights, a batch, and what the CPU computes of them in fp32: the loss, the
 * gradients, and the tokens that follow prompts. The weights of large models follow from a formula, so the folder stays small.
 */
public final class GpuFiles {
    private static final Path TINY = Path.of("src/test/resources/models");
    private static final List<String> TINY_NAMES = List.of(
            "bert",
            "bert-classifier",
            "bert-tagger",
            "distilbert-classifier",
            "modernbert-classifier",
            "gpt2",
            "llama",
            "mistral",
            "qwen3");
    private static final String SMOLLM2 = """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "hidden_size": 576,
             "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3,
             "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": false,
             "vocab_size": 49152}""";

    /** Every n-th number of the gradient of each weight, so that about so many are kept. */
    private static final int SAMPLES = 4096;

    /** Tokens and targets, one list for each row; {@code segments} numbers packed texts. */
    private record Rows(List<Encoded> texts, List<float[]> labels) {}

    private final Path folder;
    private final List<Map<String, Object>> cases = new ArrayList<>();

    private GpuFiles(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        FileSystemUtils.deleteRecursively(folder);
        Files.createDirectories(folder);
        Torch.useThreads(2);
        GpuFiles files = new GpuFiles(folder);
        for (String name : TINY_NAMES) {
            files.add(name, TINY.resolve(name), 24, 1, null);
        }
        ModelConfig minilm = ModelConfig.read(TestModels.bundled());
        files.addLarge(
                "minilm", minilm.withHead(TestModels.head(minilm, Task.TEXT_CLASSIFICATION, 2), List.of("a", "b")));
        files.addLarge(
                "smollm2", new ModelConfig((tools.jackson.databind.node.ObjectNode) Json.MAPPER.readTree(SMOLLM2)));
        ProgramFile.write(folder.resolve("optimizer.zip"), "optimizer", Map.of(), Map.of());
        Files.writeString(folder.resolve("cases.json"), Json.write(files.cases));
        Files.copy(Path.of("bench/gpu.py"), folder.resolve("gpu.py"));
        System.exit(0);
    }

    /** Adds a model whose weights follow from a formula. */
    private void addLarge(String name, ModelConfig config) throws IOException {
        Path directory = Files.createTempDirectory(folder, "model");
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(config.task(), config, config.labels().size());
        SortedMap<String, Shape> shapes = new TreeMap<>(architecture.shapes(config));
        shapes.putAll(head.shapes());
        WeightNames names = new WeightNames(architecture, head);
        Map<String, Object> formulas = new LinkedHashMap<>();
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        long number = 0;
        for (Map.Entry<String, Shape> weight : shapes.entrySet()) {
            Shape shape = weight.getValue();
            boolean isMatrix = shape.dimension() > 1;
            boolean isNorm = !isMatrix && weight.getKey().endsWith(".weight");
            float base = isNorm ? 1 : 0;
            float scale = (float)
                    (!isMatrix ? 0.05 : architecture.isEmbedding(weight.getKey()) ? 1 : Math.sqrt(3.0 / shape.get(1)));
            long seed = number++ << 32;
            formulas.put(weight.getKey(), List.of(shape.getShape(), seed, base, scale));
            tensors.put(
                    names.toFile(weight.getKey()),
                    new StoredTensor("F32", shape.getShape(), () -> values(shape.size(), seed, base, scale)));
        }
        config.write(directory);
        Safetensors.write(directory.resolve(HuggingFaceFiles.WEIGHTS), tensors);
        add(name, directory, 32, 8, formulas);
        FileSystemUtils.deleteRecursively(directory);
    }

    /** Numbers that look random, the same as {@code values} of gpu.py computes, bit for bit. */
    private static ByteBuffer values(long count, long seed, float base, float scale) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(4 * count)).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < count; i++) {
            long h = (seed + i + 1) * 0x9E3779B97F4A7C15L;
            h = (h ^ (h >>> 29)) * 0xBF58476D1CE4E5B9L;
            h ^= h >>> 32;
            bytes.putFloat(base + scale * ((h >>> 40) * 0x1p-23f - 1));
        }
        return bytes.flip();
    }

    private void add(String name, Path directory, int newTokens, int longer, Map<String, Object> formulas)
            throws IOException {
        ModelConfig config = ModelConfig.read(directory);
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(config.task(), config, config.labels().size());
        Path files = Files.createDirectories(folder.resolve(name));
        Map<String, Object> settings = new HashMap<>(architecture.settings(config));
        settings.put("frozen", 0);
        settings.put("attention_drop", architecture.attentionDropout(config));
        Map<String, String> roles = new HashMap<>(Map.of("objective", Model.SUPERVISED));
        if (head.program() != null) {
            roles.put("head", head.program());
        }
        ProgramFile.write(files.resolve("train.zip"), architecture.program(), settings, roles);

        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", name);
        facts.put("config", config.fields());
        facts.put("task", config.task().text());
        try (Model model = Model.load(directory, config, head, "cpu")) {
            facts.put(
                    "linear",
                    model.weights().keySet().stream()
                            .filter(model::isOfLinearLayer)
                            .toList());
            if (formulas == null) {
                SortedMap<String, StoredTensor> weights = new TreeMap<>();
                model.weights().forEach((weight, array) -> weights.put(weight, Weights.stored(array)));
                Safetensors.write(files.resolve("weights.safetensors"), weights);
            } else {
                facts.put("formulas", formulas);
            }
            List<Map<String, Object>> batches = new ArrayList<>();
            batches.add(batch(files, "padded", model, padded(config, head, longer)));
            if (architecture.generates()) {
                batches.add(batch(files, "packed", model, packed(config, longer)));
                ProgramFile.write(
                        files.resolve("step.zip"),
                        architecture.program() + "_step",
                        architecture.settings(config),
                        Map.of());
                facts.put("generated", generated(model, prompts(config, longer), newTokens));
            }
            facts.put("batches", batches);
        }
        cases.add(facts);
        System.out.println("wrote " + name);
    }

    private static Rows padded(ModelConfig config, Head head, int longer) {
        Random random = new Random(1);
        List<Encoded> texts = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        for (int length : new int[] {5, 16, 9, 12}) {
            int[] ids = ids(config, random, length * longer);
            texts.add(new Encoded(ids, null));
            labels.add(labels(head, random, ids));
        }
        return new Rows(texts, labels);
    }

    private static float[] labels(Head head, Random random, int[] ids) {
        int outputs = head.shapes().containsKey("classifier.weight")
                ? (int) head.shapes().get("classifier.weight").get(0)
                : 0;
        float[] labels = new float[ids.length];
        switch (head.task()) {
            case TEXT_CLASSIFICATION -> {
                return new float[] {random.nextInt(outputs)};
            }
            case TOKEN_CLASSIFICATION -> {
                for (int i = 0; i < ids.length; i++) {
                    labels[i] = i % 3 == 0 ? -100 : random.nextInt(outputs);
                }
            }
            default -> {
                for (int i = 0; i < ids.length; i++) {
                    labels[i] = head.task() == Task.MASKED_LM && i % 3 > 0 ? -100 : ids[i];
                }
            }
        }
        return labels;
    }

    /** Two rows of several texts each; the second one ends with padding. */
    private static Rows packed(ModelConfig config, int longer) {
        Random random = new Random(2);
        List<Encoded> texts = new ArrayList<>();
        List<float[]> labels = new ArrayList<>();
        for (int[] lengths : new int[][] {{4, 7, 5}, {3, 9}}) {
            int[] ids = ids(config, random, IntStream.of(lengths).sum() * longer);
            int[] segments = new int[ids.length];
            int at = 0;
            for (int i = 0; i < lengths.length; i++) {
                Arrays.fill(segments, at, at += lengths[i] * longer, i + 1);
            }
            texts.add(new Encoded(ids, null, segments));
            labels.add(floats(ids));
        }
        return new Rows(texts, labels);
    }

    private static List<int[]> prompts(ModelConfig config, int longer) {
        Random random = new Random(3);
        return IntStream.of(1, 5, 30)
                .mapToObj(length -> ids(config, random, length * longer))
                .toList();
    }

    private static int[] ids(ModelConfig config, Random random, int count) {
        return random.ints(count, 3, config.fields().path("vocab_size").asInt()).toArray();
    }

    private static float[] floats(int[] ids) {
        float[] floats = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            floats[i] = ids[i];
        }
        return floats;
    }

    private static Map<String, NDArray> tensors(Rows rows, NDManager manager) {
        Map<String, NDArray> batch = Batch.of(rows.texts(), manager);
        boolean perToken = rows.labels().get(0).length > 1;
        int width =
                perToken ? rows.texts().stream().mapToInt(Encoded::length).max().orElseThrow() : 1;
        float[] labels = new float[rows.labels().size() * width];
        Arrays.fill(labels, -100);
        for (int i = 0; i < rows.labels().size(); i++) {
            System.arraycopy(
                    rows.labels().get(i), 0, labels, i * width, rows.labels().get(i).length);
        }
        batch.put(
                "labels",
                manager.create(labels, perToken ? new Shape(rows.labels().size(), width) : new Shape(labels.length)));
        return batch;
    }

    /** Writes a batch with its loss and gradients. */
    private static Map<String, Object> batch(Path files, String name, Model model, Rows rows) throws IOException {
        SortedMap<String, StoredTensor> written = new TreeMap<>();
        try (NDManager arrays = model.newManager();
                TrainableModel trainable = new TrainableModel(
                        model, Method.FULL, TestHyperparameters.of(0, 0, 1), Precision.FP32, false, null)) {
            tensors(rows, arrays).forEach((key, array) -> written.put("batch." + key, stored(array)));
            MicroBatch microBatch = new MicroBatch() {
                @Override
                public Map<String, NDArray> tensors(NDManager manager) {
                    return GpuFiles.tensors(rows, manager);
                }

                @Override
                public double count() {
                    return 1;
                }
            };
            NDArray[] found = trainable.lossAndGradients(microBatch, 1, arrays);
            List<String> trained = trainable.names();
            for (int i = 0; i < trained.size(); i++) {
                written.put("gradient." + trained.get(i), sampled(found[i + 1]));
            }
            Safetensors.write(files.resolve(name + ".safetensors"), written);
            return Map.of("name", name, "loss", found[0].getFloat(), "trained", trained);
        }
    }

    private static StoredTensor stored(NDArray array) {
        String type = array.getDataType() == DataType.INT64 ? "I64" : "F32";
        return new StoredTensor(type, array.getShape().getShape(), () -> array.toByteBuffer(true));
    }

    private static StoredTensor sampled(NDArray gradient) {
        float[] all = gradient.toFloatArray();
        int step = Math.max(1, all.length / SAMPLES);
        int count = (all.length + step - 1) / step;
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < all.length; i += step) {
            bytes.putFloat(all[i]);
        }
        return new StoredTensor("F32", new long[] {count}, bytes::flip);
    }

    /** Continues each prompt by the likeliest tokens; {@code gaps} says by how much each was likelier than the next one. */
    private static List<Map<String, Object>> generated(Model model, List<int[]> prompts, int newTokens) {
        List<Map<String, Object>> texts = new ArrayList<>();
        Architecture architecture = model.architecture();
        try (NDManager manager = model.newManager();
                Argument stored = Argument.of(model.weights());
                Program program = Program.load(
                        manager, architecture.program() + "_step", architecture.settings(model.config()), Map.of());
                Argument weights = program.prepare("prepare", stored, false, false)) {
            for (int[] prompt : prompts) {
                NDArray cache = program.infer(manager, "cache", weights, prompt.length + newTokens);
                long[] next = Arrays.stream(prompt).asLongStream().toArray();
                int past = 0;
                List<Long> tokens = new ArrayList<>();
                List<Float> gaps = new ArrayList<>();
                while (tokens.size() < newTokens) {
                    try (NDManager arrays = manager.newSubManager()) {
                        long[] at = new long[next.length];
                        Arrays.setAll(at, i -> i);
                        NDArray places = arrays.create(at);
                        NDArray[] found = program.inferAll(
                                arrays,
                                "step",
                                weights,
                                arrays.create(next),
                                places.add(past),
                                new long[] {next.length, past},
                                List.of(cache),
                                arrays.create(new long[] {next.length - 1}),
                                arrays.create(new double[] {0, 0, 1, 0}, new Shape(1, 4)),
                                2);
                        past += next.length;
                        float[] best = found[3].toFloatArray();
                        tokens.add(found[0].toLongArray()[0]);
                        gaps.add(best[0] - best[1]);
                        next = new long[] {tokens.get(tokens.size() - 1)};
                    }
                }
                texts.add(Map.of("prompt", prompt, "tokens", tokens, "gaps", gaps));
            }
        }
        return texts;
    }
}
