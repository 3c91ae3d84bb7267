package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.optimizer.TrainedWeights;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model that the method few_shot makes: its head sees the mean of the tokens of a text. */
class NewModelTest {
    private static final Encoded LONG = new Encoded(new int[] {2, 7, 9, 11, 5, 8, 6, 10, 3}, null);
    private static final Encoded SHORT = new Encoded(new int[] {2, 6, 3}, null);
    private static final Method METHOD = new Method(FewShot.METHOD, null, null, null, null, null, null);

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta", "xlm-roberta", "distilbert", "electra", "modernbert"})
    void theHeadSeesTheMeanOfTheTokensWhichIsNotThatOfThePadding(String name) {
        try (Model model = load(Golden.of(name).directory())) {
            float[][] means = infer(model, "means", LONG, SHORT);
            float[][] seen = infer(model, "pooled", LONG, SHORT);

            assertThat(means[1]).containsExactly(infer(model, "means", SHORT)[0], within(1e-4f));
            for (int text = 0; text < 2; text++) {
                assertThat(correlation(means[text], seen[text])).isGreaterThan(0.98);
                assertThat(correlation(means[text], seen[1 - text]))
                        .isLessThan(correlation(means[text], seen[text]) - 0.02);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "modernbert"})
    void theEncoderLearnsAndTheHeadDoesNot(String name) {
        Path base = Golden.of(name).directory();
        ModelConfig before = ModelConfig.read(base);
        NewModel model = NewModel.of(spec(), before);
        Architecture architecture = Architecture.of(before);

        Stream<String> all = Stream.concat(
                architecture.shapes(model.config()).keySet().stream(), model.head().shapes().keySet().stream());

        assertThat(all.filter(weight -> TrainedWeights.isTrained(METHOD, architecture, model.head(), weight)))
                .containsExactlyInAnyOrderElementsOf(architecture.shapes(before).keySet());
    }

    @Test
    void aModelThatCanTakeTheMeanItselfGetsNoLayer() {
        ModelConfig before = Golden.of("modernbert").config();

        ModelConfig config = NewModel.of(spec(), before).config();

        assertThat(Architecture.of(config).layers(config))
                .isEqualTo(Architecture.of(before).layers(before));
        assertThat(Architecture.of(config).settings(config)).containsEntry("mean", true);
    }

    private static JobSpec spec() {
        return new JobSpec(
                Task.TEXT_CLASSIFICATION,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of("a", "b"),
                METHOD,
                new Hyperparameters(Map.of()),
                null,
                null,
                null,
                null);
    }

    private static Model load(Path base) {
        Torch.useThreads(1);
        ModelConfig config = ModelConfig.read(base);
        NewModel model = NewModel.of(spec(), config);
        WeightInitializer newWeights = new WeightInitializer(1, METHOD, Architecture.of(config));
        return Model.load(
                base,
                model.config().withHead(model.head(), List.of("a", "b")),
                model.head(),
                "similarity",
                "cpu",
                0,
                null,
                true,
                newWeights::of);
    }

    private static float[][] infer(Model model, String method, Encoded... texts) {
        try (NDManager arrays = model.newManager();
                NDArray found = model.infer(arrays, method, Batch.of(List.of(texts), arrays), 0.0)) {
            float[] all = found.toFloatArray();
            int width = all.length / texts.length;
            float[][] vectors = new float[texts.length][width];
            for (int i = 0; i < all.length; i++) {
                vectors[i / width][i % width] = all[i];
            }
            return vectors;
        }
    }

    /** Norms take the mean of the numbers of a vector away, so the correlation is what is left of the cosine. */
    private static double correlation(float[] first, float[] second) {
        double[] sums = new double[2];
        for (int i = 0; i < first.length; i++) {
            sums[0] += first[i] / (double) first.length;
            sums[1] += second[i] / (double) first.length;
        }
        double[] products = new double[3];
        for (int i = 0; i < first.length; i++) {
            double one = first[i] - sums[0];
            double two = second[i] - sums[1];
            products[0] += one * one;
            products[1] += two * two;
            products[2] += one * two;
        }
        return products[2] / Math.sqrt(products[0] * products[1]);
    }
}
