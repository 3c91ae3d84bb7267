package dev.anneal.training.optimizer;

import static dev.anneal.testing.ManyValues.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Metric;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.TestMicroBatch;
import dev.anneal.training.TestSteps;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.Examples;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdamWTest {
    private static final List<Encoded> TEXTS =
            List.of(new Encoded(new int[] {101, 2001, 2002, 102}, null), new Encoded(new int[] {101, 2003, 102}, null));
    private static final long[] LABELS = {0, 1};

    @TempDir
    Path directory;

    private Path base;

    @BeforeEach
    void makeModel() throws IOException {
        base = TestModels.tiny(directory.resolve("base"), "a", "b");
        Torch.useThreads(1);
    }

    @Test
    void theFirstStepMovesAParameterByTheLearningRateAndOnlyMatricesDecay() {
        try (Model model = model();
                TestSteps steps = steps(model, 0.5, Precision.FP32)) {
            float[] unused = row(model, 4000);
            float[] norm = values(model, "embeddings.LayerNorm.weight");

            steps.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.1, 1);

            // a word that is in no text has no gradient: it decays by 0.1 * 0.5
            for (int i = 0; i < unused.length; i++) {
                assertThat(row(model, 4000)[i]).isCloseTo(0.95f * unused[i], within(1e-6f));
                assertThat(Math.abs(values(model, "embeddings.LayerNorm.weight")[i] - norm[i]))
                        .isCloseTo(0.1f, within(1e-3f));
            }
        }
    }

    @Test
    void theAverageOfSquaredGradientsGrowsByOneMinusBeta2() {
        try (Model one = model();
                Model other = model();
                TestSteps byDefault = TestSteps.of(one, beta2(0.999), Precision.FP32, null);
                TestSteps faster = TestSteps.of(other, beta2(0.9), Precision.FP32, null)) {
            byDefault.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, 1);
            faster.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, 1);

            float[] slow = byDefault
                    .optimizer()
                    .tensors()
                    .get("exp_avg_sq.classifier.bias")
                    .toFloatArray();
            float[] fast = faster.optimizer()
                    .tensors()
                    .get("exp_avg_sq.classifier.bias")
                    .toFloatArray();
            for (int i = 0; i < slow.length; i++) {
                assertThat(slow[i]).isPositive();
                assertThat(fast[i] / slow[i]).isCloseTo(100f, within(0.1f));
            }
        }
    }

    private static Hyperparameters beta2(double value) {
        return with("adam_beta2", value, 0.01);
    }

    private static Hyperparameters with(String name, double value, double decay) {
        Map<String, Object> values =
                new HashMap<>(TestHyperparameters.of(0, decay, 1).values());
        values.put(name, value);
        return new Hyperparameters(values);
    }

    /** A word that is in no text has no gradient: it decays by 0.1 * 0.5, and then returns 0.1 * 4 of the way. */
    @Test
    void eachStepMovesAWeightByAShareOfItsDistanceToTheBase() {
        try (Model model = model();
                Model other = model();
                TestSteps steps = TestSteps.of(model, with("l2_to_base", 4, 0.5), Precision.FP32, null);
                TestSteps plain = steps(other, 0.5, Precision.FP32)) {
            float[] unused = row(model, 4000);
            float[] norm = values(model, "embeddings.LayerNorm.weight");
            float[] head = values(model, "classifier.weight");

            steps.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.1, 1);
            plain.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.1, 1);

            for (int i = 0; i < unused.length; i++) {
                assertThat(row(model, 4000)[i]).isCloseTo((0.6f * 0.95f + 0.4f) * unused[i], within(1e-5f));
                assertThat(values(model, "embeddings.LayerNorm.weight")[i] - norm[i])
                        .isCloseTo(0.6f * (values(other, "embeddings.LayerNorm.weight")[i] - norm[i]), within(1e-5f));
            }
            assertThat(values(model, "classifier.weight"))
                    .as("a new head has no base")
                    .isNotEqualTo(head)
                    .containsExactly(values(other, "classifier.weight"));
        }
    }

    @Test
    void aPullByMoreThanTheDistanceReachesTheBase() {
        try (Model model = model();
                TestSteps steps = TestSteps.of(model, with("l2_to_base", 100, 0.5), Precision.FP32, null)) {
            float[] before = values(model, "encoder.layer.0.output.dense.weight");

            steps.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.1, 1);

            assertClose(values(model, "encoder.layer.0.output.dense.weight"), before, 1e-6f, "weight");
        }
    }

    /** The first singular vectors, by which the change of the matrix is compared, are found by power iteration. */
    @Test
    void theMainDirectionsOfAMatrixDoNotChange() {
        for (Precision precision : Precision.values()) {
            try (Model one = model();
                    Model other = model();
                    TestSteps projected = TestSteps.of(one, with("unfreeze_rank_ratio", 0.25, 0.1), precision, null);
                    TestSteps plain = steps(other, 0.1, precision)) {
                double[][] base = matrix(one, "encoder.layer.0.attention.self.query.weight");
                for (int step = 1; step <= 5; step++) {
                    projected.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, step);
                    plain.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, step);
                }

                double[] right = mainDirection(base);
                double[] left = mainDirection(transposed(base));
                double[][] kept = change(base, matrix(one, "encoder.layer.0.attention.self.query.weight"));
                double[][] free = change(base, matrix(other, "encoder.layer.0.attention.self.query.weight"));
                assertThat(length(times(kept, right))).isLessThan(1e-5);
                assertThat(length(times(transposed(kept), left))).isLessThan(1e-5);
                assertThat(length(times(free, right))).isGreaterThan(1e-3);
                assertThat(length(times(transposed(free), left))).isGreaterThan(1e-3);
                assertThat(rank(kept)).as("a quarter of 16").isBetween(1, 4);
                assertThat(rank(free)).isGreaterThan(4);
            }
        }
    }

    private static double[][] matrix(Model model, String name) {
        float[] numbers = values(model, name);
        int columns = (int) model.weight(name).getShape().get(1);
        double[][] rows = new double[numbers.length / columns][columns];
        for (int i = 0; i < numbers.length; i++) {
            rows[i / columns][i % columns] = numbers[i];
        }
        return rows;
    }

    private static double[][] change(double[][] from, double[][] to) {
        double[][] change = new double[from.length][from[0].length];
        for (int i = 0; i < from.length; i++) {
            for (int j = 0; j < from[0].length; j++) {
                change[i][j] = to[i][j] - from[i][j];
            }
        }
        return change;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] other = new double[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                other[j][i] = matrix[i][j];
            }
        }
        return other;
    }

    private static double[] times(double[][] matrix, double[] vector) {
        double[] product = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < vector.length; j++) {
                product[i] += matrix[i][j] * vector[j];
            }
        }
        return product;
    }

    private static double length(double[] vector) {
        double sum = 0;
        for (double each : vector) {
            sum += each * each;
        }
        return Math.sqrt(sum);
    }

    private static double[] mainDirection(double[][] matrix) {
        double[] vector = new double[matrix[0].length];
        java.util.Arrays.fill(vector, 1);
        for (int i = 0; i < 2000; i++) {
            vector = times(transposed(matrix), times(matrix, vector));
            double length = length(vector);
            for (int j = 0; j < vector.length; j++) {
                vector[j] /= length;
            }
        }
        return vector;
    }

    /** The number of rows that are left by elimination with the largest remaining element. */
    private static int rank(double[][] matrix) {
        double[][] left = java.util.Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
        int rank = 0;
        while (true) {
            int row = 0;
            int column = 0;
            for (int i = 0; i < left.length; i++) {
                for (int j = 0; j < left[0].length; j++) {
                    if (Math.abs(left[i][j]) > Math.abs(left[row][column])) {
                        row = i;
                        column = j;
                    }
                }
            }
            if (Math.abs(left[row][column]) < 1e-5) {
                return rank;
            }
            rank++;
            double[] pivot = left[row].clone();
            for (double[] each : left) {
                double factor = each[column] / pivot[column];
                for (int j = 0; j < each.length; j++) {
                    each[j] -= factor * pivot[j];
                }
            }
        }
    }

    @Test
    void aModelLearnsItsTextsByHeart() {
        try (Model model = model();
                TestSteps steps = steps(model, 0.01, Precision.FP32)) {
            double first = steps.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.02, 1);
            double last = first;
            for (int step = 2; step <= 30; step++) {
                last = steps.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.02, step);
            }
            assertThat(last).isLessThan(first / 10);
        }
    }

    @Test
    void bf16TrainsAsFp32DoesButForRounding() {
        try (Model one = model();
                Model other = model();
                TestSteps fp32 = steps(one, 0.01, Precision.FP32);
                TestSteps bf16 = steps(other, 0.01, Precision.BF16)) {
            for (int step = 1; step <= 5; step++) {
                double expected = fp32.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 1e-3, step);
                double found = bf16.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 1e-3, step);
                assertThat(found).isNotEqualTo(expected).isCloseTo(expected, within(0.05 * expected + 0.02));
            }
        }
    }

    @Test
    void theTextsOneByOneMakeTheSameStepAsAllAtOnce() {
        try (Model one = model();
                Model other = model();
                TestSteps together = steps(one, 0.01, Precision.FP32);
                TestSteps inParts = steps(other, 0.01, Precision.FP32)) {
            double expected = together.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, 1);
            List<TestMicroBatch> parts = new java.util.ArrayList<>();
            for (int i = 0; i < TEXTS.size(); i++) {
                parts.add(TestMicroBatch.of(List.of(TEXTS.get(i)), LABELS[i]));
            }

            assertThat(parts).hasSizeGreaterThan(1);
            assertThat(inParts.step(parts, 0.01, 1)).isCloseTo(expected, within(1e-5));
            assertClose(values(other, "classifier.weight"), values(one, "classifier.weight"), 1e-4f, "classifier");
        }
    }

    @Test
    void theSameIsDroppedOnAnyNumberOfThreads() {
        try (Model model = model();
                TestSteps steps = TestSteps.of(model, TestHyperparameters.of(0.3, 0, 1), Precision.FP32, null);
                NDManager arrays = model.newManager()) {
            MicroBatch batch = TestMicroBatch.of(TEXTS, LABELS);
            float loss = steps.model().lossAndGradients(batch, 5, arrays)[0].getFloat();
            for (int threads : new int[] {2, 3}) {
                Torch.useThreads(threads);
                assertThat(steps.model().lossAndGradients(batch, 5, arrays)[0].getFloat())
                        .isCloseTo(loss, within(1e-5f));
            }
            assertThat(steps.model().lossAndGradients(batch, 6, arrays)[0].getFloat())
                    .isNotCloseTo(loss, within(1e-3f));
        }
    }

    @Test
    void trainingOnlyTheEmbeddingsOfUsedTokensIsTheSameButForRounding() {
        JobSpec spec = new JobSpec(
                Task.TEXT_CLASSIFICATION,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of("a", "b"),
                Method.FULL,
                TestHyperparameters.of(0, 0.5, 1),
                null,
                null,
                Metric.LOSS,
                null);
        Examples examples = new Examples(
                TEXTS.stream().map(text -> new Example(text, new float[] {0})).toList());
        try (Model one = model();
                Model other = model();
                NDManager arrays = other.newManager();
                TestSteps all = steps(one, 0.5, Precision.FP32)) {
            SparseEmbeddings used = SparseEmbeddings.of(spec, other, examples, arrays);
            List<Encoded> renumbered =
                    used.renumbered(examples).stream().map(Example::text).toList();
            try (TestSteps some = TestSteps.of(other, spec.hyperparameters(), Precision.FP32, used)) {
                for (int step = 1; step <= 3; step++) {
                    double expected = all.step(List.of(TestMicroBatch.of(TEXTS, LABELS)), 0.01, step);
                    assertThat(some.step(List.of(TestMicroBatch.of(renumbered, LABELS)), 0.01, step))
                            .isCloseTo(expected, within(1e-5));
                }
                some.model().flushDeferredDecay();
            }
            for (String name : one.weights().keySet()) {
                assertClose(values(other, name), values(one, name), 1e-4f, name);
            }
        }
    }

    private Model model() {
        return TestModels.load(base, Task.TEXT_CLASSIFICATION, "a", "b");
    }

    private static TestSteps steps(Model model, double decay, Precision precision) {
        return TestSteps.of(model, TestHyperparameters.of(0, decay, 1), precision, null);
    }

    private static float[] row(Model model, int word) {
        return model.weights()
                .get("embeddings.word_embeddings.weight")
                .get(word)
                .toFloatArray();
    }

    private static float[] values(Model model, String name) {
        return model.weights().get(name).toFloatArray();
    }
}
