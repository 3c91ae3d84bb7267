package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.TestMicroBatch;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A step that two threads compute in two halves at once. */
class SideBySideTest {
    private static final List<Encoded> THREE = List.of(
            new Encoded(new int[] {101, 2001, 2002, 102}, null),
            new Encoded(new int[] {101, 2003, 102}, null),
            new Encoded(new int[] {101, 2004, 2005, 2006, 102}, null));

    @TempDir
    Path directory;

    private Path base;

    @BeforeEach
    void makeModel() throws IOException {
        base = TestModels.tiny(directory.resolve("base"), "a", "b");
    }

    @AfterEach
    void useOneThread() {
        Torch.useThreads(1);
    }

    /** The loss and the gradients of one step, then all weights and moments after the update. */
    private List<float[]> step(int threads, Precision precision, double dropout, long seed, MicroBatch batch) {
        Torch.useThreads(threads);
        List<float[]> numbers = new ArrayList<>();
        try (Model model = TestModels.load(base, Task.TEXT_CLASSIFICATION, "a", "b");
                TrainableModel trainable = new TrainableModel(
                        model, Method.FULL, TestHyperparameters.of(dropout, 0.01, 1), precision, false, null);
                AdamW optimizer = new AdamW(trainable, TestHyperparameters.of(dropout, 0.01, 1));
                TrainStep step = new TrainStep(trainable, seed)) {
            step.accumulate(batch, 1);
            step.clip(0);
            try (StepLoss loss = step.loss()) {
                numbers.add(new float[] {(float) loss.await()});
            }
            for (NDArray gradient : step.gradients()) {
                numbers.add(Bf16Test.widened(trainable, gradient, gradient.getManager())
                        .toFloatArray());
            }
            optimizer.update(step, 0.01);
            trainable
                    .parameters()
                    .forEach(parameter -> numbers.add(parameter.array().toFloatArray()));
            optimizer.tensors().values().forEach(moment -> numbers.add(moment.toFloatArray()));
        }
        return numbers;
    }

    /** The same examples as one. */
    private static MicroBatch undivided(MicroBatch batch) {
        return new MicroBatch() {
            @Override
            public Map<String, NDArray> tensors(NDManager manager) {
                return batch.tensors(manager);
            }

            @Override
            public double count() {
                return batch.count();
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void halvesOfAnUnevenBatchHaveTheLossAndTheGradientsOfTheWhole(Precision precision) {
        TestMicroBatch batch = TestMicroBatch.of(THREE, 0, 1, 1);
        List<float[]> whole = step(1, precision, 0, 1, undivided(batch));
        List<float[]> halves = step(1, precision, 0, 1, batch);

        assertThat(halves).hasSameSizeAs(whole);
        assertThat(halves.get(0)[0]).isCloseTo(whole.get(0)[0], within(precision == Precision.FP32 ? 1e-6f : 1e-3f));
        assertThat(distance(whole, halves, 1, 1 + parameters())).isLessThan(precision == Precision.FP32 ? 1e-5 : 0.03);
    }

    /** Texts of a decoder, each token of which predicts the next one. */
    private record NextTokens(List<Encoded> texts) implements MicroBatch {
        @Override
        public Map<String, NDArray> tensors(NDManager manager) {
            return new Bf16Test.Texts(texts).tensors(manager);
        }

        @Override
        public double count() {
            return texts.stream().mapToInt(text -> text.length() - 1).sum();
        }

        @Override
        public List<NextTokens> halves() {
            return List.of(new NextTokens(texts.subList(0, 1)), new NextTokens(texts.subList(1, texts.size())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void halvesOfTheTextsOfADecoderHaveTheLossAndTheGradientsOfTheWhole(Precision precision) {
        Golden golden = Golden.of("llama");
        Method lora = Method.lora(4, 8, 0, List.of("q_proj", "v_proj"));
        NextTokens batch = new NextTokens(golden.inputs());
        assertThat(golden.inputs().stream().map(Encoded::length).distinct()).hasSizeGreaterThan(1);
        Torch.useThreads(2);
        List<List<float[]>> found = new ArrayList<>();
        for (MicroBatch each : List.of(undivided(batch), batch)) {
            try (Model model = Model.load(
                            golden.directory(),
                            golden.config(),
                            TestModels.head(golden.config(), Task.CAUSAL_LM, 0),
                            "cpu",
                            0,
                            TrainedWeights.lora(lora),
                            CheckpointingTest::drawn);
                    TrainableModel trainable =
                            new TrainableModel(model, lora, TestHyperparameters.of(0, 0, 1), precision, false, null);
                    TrainStep step = new TrainStep(trainable, 1)) {
                step.accumulate(each, 1);
                step.clip(0);
                List<float[]> numbers = new ArrayList<>();
                try (StepLoss loss = step.loss()) {
                    numbers.add(new float[] {(float) loss.await()});
                }
                for (NDArray gradient : step.gradients()) {
                    numbers.add(Bf16Test.widened(trainable, gradient, gradient.getManager())
                            .toFloatArray());
                }
                found.add(numbers);
            }
        }
        List<float[]> whole = found.get(0);
        List<float[]> halves = found.get(1);
        assertThat(halves.get(0)[0]).isCloseTo(whole.get(0)[0], within(precision == Precision.FP32 ? 1e-5f : 1e-2f));
        assertThat(distance(whole, halves, 1, whole.size())).isLessThan(precision == Precision.FP32 ? 1e-5 : 0.03);
    }

    private int parameters() {
        try (Model model = TestModels.load(base, Task.TEXT_CLASSIFICATION, "a", "b")) {
            return model.weights().size();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThreadAndTwoComputeTheSameBits(Precision precision) {
        TestMicroBatch batch = TestMicroBatch.of(THREE, 0, 1, 1);
        List<float[]> one = step(1, precision, 0.1, 7, batch);
        for (int i = 0; i < 3; i++) {
            List<float[]> two = step(2, precision, 0.1, 7, batch);
            for (int k = 0; k < one.size(); k++) {
                assertThat(Arrays.equals(two.get(k), one.get(k))).isTrue();
            }
        }
    }

    @Test
    void resultsComeInOrderAndAFailureIsThrownOnceTheOtherThingHasEnded() {
        Torch.useThreads(2);
        try (Model model = TestModels.load(base, Task.TEXT_CLASSIFICATION, "a", "b");
                SideBySide both = new SideBySide(model.newManager())) {
            CountDownLatch second = new CountDownLatch(1);
            Supplier<String> waits = () -> {
                await(second);
                return "first";
            };
            Supplier<String> releases = () -> {
                second.countDown();
                return "second";
            };
            assertThat(both.all(List.of(waits, releases))).containsExactly("first", "second");

            AtomicBoolean ended = new AtomicBoolean();
            CountDownLatch failing = new CountDownLatch(1);
            Supplier<String> fails = () -> {
                failing.countDown();
                throw new IllegalStateException("the first fails");
            };
            Supplier<String> ends = () -> {
                await(failing);
                ended.set(true);
                return "";
            };
            assertThatThrownBy(() -> both.all(List.of(fails, ends)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the first fails");
            assertThat(ended).isTrue();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the norm of the difference as a share of the norm. */
    private static double distance(List<float[]> expected, List<float[]> found, int from, int to) {
        double difference = 0;
        double all = 0;
        for (int i = from; i < to; i++) {
            for (int k = 0; k < expected.get(i).length; k++) {
                difference += Math.pow(found.get(i)[k] - expected.get(i)[k], 2);
                all += Math.pow(expected.get(i)[k], 2);
            }
        }
        return Math.sqrt(difference / all);
    }
}
