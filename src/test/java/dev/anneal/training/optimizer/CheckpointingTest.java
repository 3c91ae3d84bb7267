package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.TestMicroBatch;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that gradient checkpointing computes twice, with the same random numbers: no bit of a gradient changes. */
class CheckpointingTest {
    record Case(String model, Task task, Method method, Precision precision) {
        int frozen() {
            return method.type().equals("frozen") ? method.frozenCount() : 0;
        }

        Lora lora() {
            return method.type().equals("lora") ? TrainedWeights.lora(method) : null;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            for (String name : Bf16Test.languageModels()) {
                Architecture architecture = Architecture.of(Golden.of(name).config());
                Task task = Golden.of(name).config().task();
                cases.add(new Case(name, task, Method.FULL, precision));
                if (task == Task.CAUSAL_LM) {
                    cases.add(new Case(name, task, lora(architecture.loraTargets()), precision));
                }
            }
            for (Method method : List.of(
                    Method.FULL,
                    Method.frozen(1, true),
                    Method.frozen(1, false),
                    lora(List.of("query", "value", "dense")))) {
                cases.add(new Case("bert", Task.TEXT_CLASSIFICATION, method, precision));
                cases.add(new Case("bert", Task.TOKEN_CLASSIFICATION, method, precision));
            }
            cases.add(new Case("modernbert", Task.TEXT_CLASSIFICATION, lora(List.of("Wqkv")), precision));
        }
        return cases.stream();
    }

    private static Method lora(List<String> targets) {
        return Method.lora(4, 8, 0.1, targets);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreTheSameInEachBit(Case one) {
        Torch.useThreads(1);
        Golden golden = Golden.of(one.model());
        ModelConfig config = golden.config();
        Head head = TestModels.head(config, one.task(), 3);
        ModelConfig changed = one.task().isLanguageModel() ? config : config.withHead(head, List.of("a", "b", "c"));
        List<MicroBatch> batches = new ArrayList<>();
        if (one.task() == Task.TEXT_CLASSIFICATION) {
            batches.add(TestMicroBatch.of(golden.inputs(), new long[] {0, 1, 2}));
        } else {
            Encoded first = golden.inputs().get(0);
            int shift = one.task() == Task.TOKEN_CLASSIFICATION ? 3 : Integer.MAX_VALUE;
            batches.add(new Bf16Test.Texts(golden.inputs(), shift));
            batches.add(new Bf16Test.Texts(List.of(Bf16Test.packed(golden.inputs())), shift));
            batches.add(new Bf16Test.Texts(List.of(first, first), shift));
        }
        try (Model model = Model.load(
                        golden.directory(), changed, head, "cpu", one.frozen(), one.lora(), CheckpointingTest::drawn);
                TrainableModel kept = model(model, one, false);
                TrainableModel again = model(model, one, true);
                NDManager arrays = model.newManager()) {
            for (MicroBatch batch : batches) {
                NDArray[] expected = kept.lossAndGradients(batch, 7, arrays);
                NDArray[] found = again.lossAndGradients(batch, 7, arrays);

                assertThat(found).hasSameSizeAs(expected);
                assertThat(found[0].getFloat())
                        .isEqualTo(expected[0].getFloat())
                        .isFinite();
                for (int i = 1; i < found.length; i++) {
                    assertThat(Bf16Test.widened(again, found[i], arrays).toFloatArray())
                            .as(kept.names().get(i - 1))
                            .isEqualTo(
                                    Bf16Test.widened(kept, expected[i], arrays).toFloatArray());
                }
            }
        }
    }

    private static TrainableModel model(Model model, Case one, boolean checkpointing) {
        return new TrainableModel(
                model, one.method(), TestHyperparameters.of(0.1, 0, 1), one.precision(), checkpointing, null);
    }

    static float[] drawn(String name, Shape shape) {
        Random random = new Random(name.hashCode());
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * 0.1f;
        }
        return values;
    }
}
