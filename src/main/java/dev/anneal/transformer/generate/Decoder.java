package dev.anneal.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Bf16;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.Torch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A model that computes new tokens of several texts in one call, in the precision that was chosen when it was loaded. */
final class Decoder implements AutoCloseable {
    /** New tokens of one text, after {@code past} tokens in its cache; with {@code choice}, one more token is chosen. */
    record Part(
            NDArray cache, int[] ids, int past, @Nullable Choice choice) {}

    /** Options of the choice of a token; {@code draw} is a random number from 0 to 1. */
    record Choice(double temperature, int topK, double topP, double draw) {}

    /** A chosen token, -1 if the scores are not numbers; with log probabilities if they were requested. */
    record Chosen(int token, double logprob, int[] likeliest, float[] logprobs) {}

    private static final Choice IGNORED = new Choice(0, 0, 1, 0);

    private final NDManager manager;
    private final Program program;
    private final Argument weights;
    private final long tokenBytes;
    private final String precision;
    private final double difference;

    private Decoder(NDManager manager, Program program, Argument weights, String precision, double difference) {
        this.manager = manager;
        this.program = program;
        this.weights = weights;
        this.precision = precision;
        this.difference = difference;
        try (NDArray one = program.infer(manager, "cache", weights, 1)) {
            this.tokenBytes = one.getShape().size() * (precision.equals(GenerationEngine.BF16) ? 2 : 4);
        }
    }

    /**
     * Loads a model.
     *
     * @param precision fp32 or bf16; auto chooses bf16 if the device computes it faster and the check succeeds
     * @param bound for auto, the largest difference between a probability in bf16 and the one in fp32
     * @param known the difference that the check found earlier on this model; null checks it now
     * @param prompts the texts of the check, as tokens
     */
    static Decoder load(
            Path directory,
            ModelConfig config,
            String device,
            String precision,
            double bound,
            @Nullable Double known,
            List<int[]> prompts) {
        Architecture architecture = Architecture.of(config);
        NDManager manager = Torch.manager(device);
        try (Model model = Model.load(directory, config, architecture.head(Task.CAUSAL_LM, config, 0), device);
                Argument stored = Argument.of(model.weights())) {
            Program program =
                    Program.load(manager, architecture.program() + "_step", architecture.settings(config), Map.of());
            boolean packed = device.equals("cpu") && canPack(program);
            boolean auto = precision.equals(GenerationEngine.AUTO);
            double difference = 0;
            if (auto && known != null && !(known <= bound)) {
                difference = known;
            } else if (auto ? Bf16.isFastOn(device) : precision.equals(GenerationEngine.BF16)) {
                Argument weights = program.prepare("prepare", stored, true, packed);
                Decoder decoder = new Decoder(manager, program, weights, GenerationEngine.BF16, 0);
                try {
                    difference = known != null
                            ? known
                            : prompts.stream()
                                    .mapToDouble(prompt -> decoder.difference(model, prompt))
                                    .max()
                                    .orElse(0);
                } catch (RuntimeException e) {
                    weights.close();
                    program.close();
                    throw e;
                }
                if (!auto || difference <= bound) {
                    return new Decoder(manager, program, weights, GenerationEngine.BF16, difference);
                }
                weights.close();
            }
            Argument weights = program.prepare("prepare", stored, false, packed);
            return new Decoder(manager, program, weights, GenerationEngine.FP32, difference);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns whether libtorch was built with the library that computes with packed weights. */
    private static boolean canPack(Program program) {
        try (Argument packed = program.prepare("packed")) {
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Returns the largest difference between the probabilities of any next token, here and in fp32. NaN if the scores are not numbers. */
    private double difference(Model exact, int[] prompt) {
        try (NDManager arrays = Torch.onHost(manager);
                Argument cache = Argument.of(List.of(program.infer(arrays, "cache", weights, prompt.length)))) {
            long[] ids = Arrays.stream(prompt).asLongStream().toArray();
            NDArray given = arrays.create(ids);
            NDArray at =
                    arrays.create(IntStream.range(0, ids.length).asLongStream().toArray());
            long[] rows = {ids.length, 0};
            NDArray found = program.infer(arrays, "scores", weights, given, at, rows, cache, at);
            long[] segments = new long[ids.length];
            Arrays.fill(segments, 1);
            Shape row = new Shape(1, ids.length);
            Map<String, NDArray> batch = Map.of("ids", given.reshape(row), "segments", arrays.create(segments, row));
            NDArray expected = exact.infer(arrays, "predict", batch).reshape(found.getShape());
            return found.softmax(-1).sub(expected.softmax(-1)).abs().max().getFloat();
        }
    }

    String precision() {
        return precision;
    }

    double difference() {
        return difference;
    }

    /** The memory that a token of a text takes in its cache, in bytes. */
    long tokenBytes() {
        return tokenBytes;
    }

    /** Returns a cache with room for so many tokens. The caller closes it. */
    NDArray newCache(int room) {
        return program.infer(manager, "cache", weights, room);
    }

    /** Adds the new tokens to their caches. Returns the chosen token of each part; null for those without a choice. */
    List<@Nullable Chosen> step(List<Part> parts, int logprobs) {
        int total = parts.stream().mapToInt(part -> part.ids().length).sum();
        long[] ids = new long[total];
        long[] at = new long[total];
        long[] rows = new long[2 * parts.size()];
        int[] ends = new int[parts.size()];
        int next = 0;
        for (int i = 0; i < ends.length; i++) {
            Part part = parts.get(i);
            rows[2 * i] = part.ids().length;
            rows[2 * i + 1] = part.past();
            for (int j = 0; j < part.ids().length; j++) {
                ids[next] = part.ids()[j];
                at[next++] = part.past() + j;
            }
            ends[i] = next - 1;
        }
        int[] choosing = IntStream.range(0, ends.length)
                .filter(i -> parts.get(i).choice() != null)
                .toArray();
        // The program computes the scores of at least one token.
        int[] wanted = choosing.length == 0 ? new int[] {0} : choosing;
        double[] options = new double[4 * wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            Choice choice = Objects.requireNonNullElse(parts.get(wanted[i]).choice(), IGNORED);
            options[4 * i] = choice.temperature();
            options[4 * i + 1] = choice.topK();
            options[4 * i + 2] = choice.topP();
            options[4 * i + 3] = choice.draw();
        }
        try (NDManager arrays = Torch.onHost(manager)) {
            NDArray[] found = program.inferAll(
                    arrays,
                    "step",
                    weights,
                    arrays.create(ids),
                    arrays.create(at),
                    rows,
                    parts.stream().map(Part::cache).toList(),
                    arrays.create(Arrays.stream(wanted).mapToLong(i -> ends[i]).toArray()),
                    arrays.create(options, new Shape(wanted.length, 4)),
                    logprobs);
            return chosen(found, choosing, parts.size());
        }
    }

    private static List<@Nullable Chosen> chosen(NDArray[] found, int[] choosing, int parts) {
        @Nullable Chosen[] chosen = new Chosen[parts];
        long[] tokens = found[0].toLongArray();
        boolean scored = found.length > 1;
        float[] own = scored ? found[1].toFloatArray() : new float[tokens.length];
        long[] likeliest = scored ? found[2].toLongArray() : new long[0];
        float[] logprobs = scored ? found[3].toFloatArray() : new float[0];
        int each = likeliest.length / tokens.length;
        for (int i = 0; i < choosing.length; i++) {
            chosen[choosing[i]] = new Chosen(
                    (int) tokens[i],
                    own[i],
                    Arrays.stream(likeliest, i * each, (i + 1) * each)
                            .mapToInt(id -> (int) id)
                            .toArray(),
                    Arrays.copyOfRange(logprobs, i * each, (i + 1) * each));
        }
        return Arrays.asList(chosen);
    }

    @Override
    public void close() {
        weights.close();
        program.close();
        manager.close();
    }
}
