package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In bf16, attention, activations and copies of the weights differ from those of fp32; the gradients must not. */
class Bf16Test {
    static List<String> languageModels() {
        return Golden.names().stream()
                .filter(name -> {
                    Task task = Golden.of(name).config().task();
                    return task != null && task.isLanguageModel();
                })
                .toList();
    }

    /** Some texts, padded; each token is to be predicted, modulo the labels; nothing if there are none. */
    record Texts(List<Encoded> texts, int labels) implements MicroBatch {
        Texts(List<Encoded> texts) {
            this(texts, Integer.MAX_VALUE);
        }

        @Override
        public Map<String, NDArray> tensors(NDManager manager) {
            Map<String, NDArray> batch = Batch.of(texts, manager);
            Shape shape = batch.get("ids").getShape();
            long[] wanted = batch.get("ids").toLongArray();
            long[] segments = batch.get("segments").toLongArray();
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = segments[i] == 0 || labels == 0 ? -100 : wanted[i] % labels;
            }
            batch.put("labels", manager.create(wanted, shape));
            return batch;
        }

        @Override
        public double count() {
            return texts.size();
        }
    }

    @ParameterizedTest
    @MethodSource("languageModels")
    void lossAndGradientsAreThoseOfFp32ButForRounding(String name) {
        Torch.useThreads(1);
        Golden golden = Golden.of(name);
        Texts padded = new Texts(golden.inputs());
        Texts packed = new Texts(List.of(packed(golden.inputs())));
        Texts equal = new Texts(List.of(golden.inputs().get(0), golden.inputs().get(0)));
        Task task = golden.config().task();
        try (Model one = TestModels.load(golden.directory(), task);
                Model other = TestModels.load(golden.directory(), task);
                TrainableModel fp32 = model(one, Precision.FP32);
                TrainableModel bf16 = model(other, Precision.BF16);
                NDManager arrays = one.newManager()) {
            for (Texts texts : List.of(padded, packed, equal)) {
                NDArray[] expected = fp32.lossAndGradients(texts, 1, arrays);
                NDArray[] found = bf16.lossAndGradients(texts, 1, arrays);

                assertThat(found[0].getFloat()).isCloseTo(expected[0].getFloat(), within(0.03f));
                double difference = 0;
                double all = 0;
                for (int i = 1; i < found.length; i++) {
                    float[] wanted = expected[i].toFloatArray();
                    float[] rounded = widened(bf16, found[i], arrays).toFloatArray();
                    for (int k = 0; k < wanted.length; k++) {
                        difference += Math.pow(rounded[k] - wanted[k], 2);
                        all += Math.pow(wanted[k], 2);
                    }
                }
                assertThat(Math.sqrt(difference / all)).isLessThan(0.03);
            }
        }
    }

    private static TrainableModel model(Model model, Precision precision) {
        return new TrainableModel(model, Method.FULL, TestHyperparameters.of(0, 0, 1), precision, false, null);
    }

    /** DJL cannot read bf16. */
    static NDArray widened(TrainableModel model, NDArray array, NDManager arrays) {
        NDArray wide = arrays.zeros(array.getShape());
        model.copy(wide, array);
        return wide;
    }

    static Encoded packed(List<Encoded> texts) {
        int length = texts.stream().mapToInt(Encoded::length).sum();
        int[] ids = new int[length];
        int[] segments = new int[length];
        int at = 0;
        for (int i = 0; i < texts.size(); i++) {
            for (int id : texts.get(i).ids()) {
                ids[at] = id;
                segments[at++] = i + 1;
            }
        }
        return new Encoded(ids, null, segments);
    }

    @Test
    void theLossOverAVocabularyIsTheSameInPartsAsAtOnce() {
        Torch.useThreads(1);
        int vocabulary = 1 << 22; // four tokens a part
        try (NDManager arrays = Torch.manager("cpu");
                Program program = Program.load(arrays, "parts", Map.of(), Map.of())) {
            NDArray[] found = program.train(
                    arrays,
                    "both",
                    arrays.randomNormal(new Shape(10, 2)),
                    arrays.randomNormal(new Shape(vocabulary, 2)),
                    arrays.randomNormal(new Shape(vocabulary)),
                    arrays.create(new long[] {5, 1000, 5, 77, vocabulary - 1, 0, 1, 2, 3, 5}));

            assertThat(found).hasSize(8);
            for (int i = 0; i < found.length; i += 2) { // sums over four million numbers in another order
                assertThat(found[i].getShape()).isEqualTo(found[i + 1].getShape());
                float largest = found[i + 1].abs().max().getFloat();
                float difference = found[i].sub(found[i + 1]).abs().max().getFloat();
                assertThat(largest).isPositive();
                assertThat(difference).isLessThan(1e-3f * largest);
            }
        }
    }

    @Test
    void eachPartOfTheLossIsAsLargeAsTheStatesIfTheMatrixLearns() {
        try (NDManager arrays = Torch.manager("cpu");
                Program program = Program.load(arrays, "parts", Map.of(), Map.of())) {
            assertThat(partSize(program, arrays, 1 << 20, 4096, false)).isEqualTo(8);
            assertThat(partSize(program, arrays, 1 << 20, 4096, true)).isEqualTo(4096);
            assertThat(partSize(program, arrays, 1 << 10, 64, true)).isEqualTo(1 << 14);
        }
    }

    private static long partSize(Program program, NDManager arrays, int vocabulary, int numbers, boolean learns) {
        return program.train(arrays, "size", vocabulary, numbers, learns)[0].getLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "gpt2", "llama"})
    void aBatchInWhichNothingIsToBePredictedHasGradientsOfZero(String name) {
        Torch.useThreads(1);
        Golden golden = Golden.of(name);
        MicroBatch nothing = new Texts(golden.inputs(), 0);
        try (Model one = TestModels.load(golden.directory(), golden.config().task());
                TrainableModel model = model(one, Precision.BF16);
                NDManager arrays = one.newManager()) {
            NDArray[] found = model.lossAndGradients(nothing, 1, arrays);

            assertThat(found[0].getFloat()).isZero();
            assertThat(found).hasSize(model.names().size() + 1);
            for (int i = 1; i < found.length; i++) {
                assertThat(widened(model, found[i], arrays).abs().sum().getFloat())
                        .as(model.names().get(i - 1))
                        .isZero();
            }
        }
    }
}
