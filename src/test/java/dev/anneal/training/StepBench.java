package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import dev.anneal.model.BundledModel;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * The time of a training step of all-MiniLM-L6-v2, and the time that its multiplications alone would take at the
 * best rate this machine reaches in any of them ({@code bench/step}). All cases are measured in turn, round by round, so
 * that a busy machine slows all of them.
 */
public final class StepBench {
    private static final int TEXTS = 32;
    private static final int THREADS = 2;

    /** Longer steps are not taken: bf16 without processor support is a hundred times slower than fp32. */
    private static final double MAX_SECONDS = 40;

    /** Processor time over which a rate is measured. */
    private static final double MIN_SECONDS = 0.3;

    private record Case(int length, Precision precision, TestSteps training, List<Timing> steps) {}

    /** Elapsed seconds, and processor seconds per thread, which other programs on the machine hardly change. */
    private record Timing(double elapsed, double processor) {
        static Timing of(Runnable work) {
            OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long elapsed = System.nanoTime();
            long processor = process.getProcessCpuTime();
            work.run();
            return new Timing(
                    (System.nanoTime() - elapsed) / 1e9, (process.getProcessCpuTime() - processor) / 1e9 / THREADS);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Torch.useThreads(THREADS);
        Path base = Path.of(arguments[0]);
        if (!Files.exists(base.resolve(HuggingFaceFiles.CONFIG))) {
            BundledModel.write(base);
        }
        Model model = TestModels.load(base, Task.TEXT_CLASSIFICATION, "a", "b");
        ModelConfig config = model.config();
        Hyperparameters hyperparameters = TestHyperparameters.of(0.1, 0.01, 1);
        List<Case> cases = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            TestSteps training = TestSteps.of(model, hyperparameters, precision, null);
            cases.add(new Case(32, precision, training, new ArrayList<>()));
            cases.add(new Case(128, precision, training, new ArrayList<>()));
        }
        Map<Precision, Double> rates = new EnumMap<>(Precision.class);
        try (NDManager manager = Torch.manager("cpu")) {
            Program matmul = Program.load(manager, "matmul", Map.of(), Map.of());
            int rounds = Integer.getInteger("rounds", 8);
            for (int round = 0; round < rounds; round++) {
                for (Precision precision : Precision.values()) {
                    if (round == 0 || rates.get(precision) > 20e9) {
                        rates.merge(precision, bestRate(manager, matmul, config, precision), Math::max);
                    }
                }
                for (Case each : cases) {
                    double floor = operations(config, each.length()) / rates.get(each.precision());
                    if (floor < MAX_SECONDS && (floor < MAX_SECONDS / 10 || round == 0)) {
                        List<Encoded> texts = texts(each.length(), round);
                        int seed = round;
                        each.steps()
                                .add(Timing.of(() -> each.training()
                                        .step(List.of(TestMicroBatch.of(texts, new long[TEXTS])), 1e-6, seed)));
                    }
                }
            }
        }
        print(config, cases, rates);
        System.exit(0);
    }

    private static List<Encoded> texts(int length, long seed) {
        Random random = new Random(seed);
        List<Encoded> texts = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            texts.add(new Encoded(random.ints(length, 1000, 30000).toArray(), null));
        }
        return texts;
    }

    /** Operations per second of processor time on all threads, the best over the shapes of the linear layers and their two gradients. */
    private static double bestRate(NDManager manager, Program matmul, ModelConfig config, Precision precision) {
        double best = 0;
        int tokens = TEXTS * 128;
        int hidden = config.integer("hidden_size");
        for (int other : new int[] {hidden, config.integer("intermediate_size")}) {
            for (int[] shape :
                    new int[][] {{tokens, hidden, other}, {tokens, other, hidden}, {other, tokens, hidden}}) {
                try (NDManager arrays = manager.newSubManager()) {
                    NDArray a = arrays.ones(new Shape(shape[0], shape[1]));
                    NDArray b = arrays.ones(new Shape(shape[1], shape[2]));
                    double operations = 2.0 * shape[0] * shape[1] * shape[2];
                    // The system counts processor time in ticks of 10 ms.
                    for (int times = 1; ; times *= 2) {
                        int repeated = times;
                        Timing timing = Timing.of(
                                () -> matmul.infer(arrays, "repeat", a, b, repeated, precision == Precision.BF16)
                                        .getFloat(0, 0));
                        if (timing.processor() * THREADS > MIN_SECONDS) {
                            best = Math.max(best, times * operations / timing.processor());
                            break;
                        }
                    }
                }
            }
        }
        return best;
    }

    /** Multiplications and additions of forward and backward, which costs twice the forward. */
    private static double operations(ModelConfig config, int length) {
        double tokens = TEXTS * length;
        double hidden = config.integer("hidden_size");
        double square = 2 * hidden * hidden;
        double feedForward = 4 * hidden * config.integer("intermediate_size");
        double attention = 4 * length * hidden;
        double projections = tokens * (3 * square + attention);
        // After its attention, the last layer continues with one token of each text.
        double rest = ((config.integer("num_hidden_layers") - 1) * tokens + TEXTS) * (square + feedForward);
        return 3 * (config.integer("num_hidden_layers") * projections + rest);
    }

    private static void print(ModelConfig config, List<Case> cases, Map<Precision, Double> rates) {
        System.out.printf("%d threads, %d texts a step; medians; ratios are to the floor%n%n", THREADS, TEXTS);
        System.out.println("| precision | tokens | best matmul GFLOP/s | GFLOP a step | floor ms | step ms | ratio "
                + "| processor ms a thread | ratio |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        for (Case each : cases) {
            double rate = rates.get(each.precision());
            double operations = operations(config, each.length());
            double floor = operations / rate;
            double elapsed = median(each.steps(), Timing::elapsed);
            double processor = median(each.steps(), Timing::processor);
            System.out.printf(
                    "| %s | %d | %.0f | %.1f | %.0f |",
                    each.precision().text(), each.length(), rate / 1e9, operations / 1e9, floor * 1e3);
            System.out.println(
                    each.steps().isEmpty()
                            ? " too slow to measure | | | |"
                            : " %.0f | %.2f | %.0f | %.2f |"
                                    .formatted(elapsed * 1e3, elapsed / floor, processor * 1e3, processor / floor));
        }
    }

    /** The first of several counts as a warm-up. */
    private static double median(List<Timing> timings, ToDoubleFunction<Timing> seconds) {
        double[] sorted = timings.stream()
                .skip(timings.size() > 1 ? 1 : 0)
                .mapToDouble(seconds)
                .sorted()
                .toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
