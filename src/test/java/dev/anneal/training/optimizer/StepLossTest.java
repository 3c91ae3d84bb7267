package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.TestMicroBatch;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLossTest {
    private static final TestMicroBatch ONE =
            TestMicroBatch.of(List.of(new Encoded(new int[] {101, 2001, 2002, 102}, null)), 0);
    private static final TestMicroBatch OTHER =
            TestMicroBatch.of(List.of(new Encoded(new int[] {101, 2003, 102}, null)), 1);

    @TempDir
    Path directory;

    private Model base;
    private TrainableModel model;
    private AdamW optimizer;

    @BeforeEach
    void load() throws Exception {
        Torch.useThreads(1);
        base = TestModels.load(
                TestModels.tiny(directory.resolve("base"), "a", "b"), Task.TEXT_CLASSIFICATION, "a", "b");
        model = new TrainableModel(base, Method.FULL, TestHyperparameters.of(0, 0, 1), Precision.FP32, false, null);
        optimizer = new AdamW(model, TestHyperparameters.of(0, 0, 1));
    }

    private StepLoss step(double learningRate, TestMicroBatch... microBatches) {
        try (TrainStep step = new TrainStep(model, 1)) {
            for (TestMicroBatch microBatch : microBatches) {
                step.accumulate(microBatch, 1.0 / microBatches.length);
            }
            step.clip(1);
            optimizer.update(step, learningRate);
            return step.loss();
        }
    }

    @Test
    void theLossOfAStepIsStillKnownAfterTheNextStepHasChangedTheWeights() {
        double alone = step(0, ONE).await();

        StepLoss first = step(0.1, ONE);
        StepLoss second = step(0.1, ONE);

        assertThat(first.await()).isEqualTo(alone);
        assertThat(second.await()).isLessThan(alone);
    }

    @Test
    void itIsTheMeanOfItsMicroBatches() {
        double one = step(0, ONE).await();
        double other = step(0, OTHER).await();

        assertThat(step(0, ONE, OTHER).await()).isCloseTo((one + other) / 2, within(1e-6));
    }

    @Test
    void aLossThatIsNotANumberEndsTheTraining() {
        step(Double.POSITIVE_INFINITY, ONE).close();

        try (StepLoss broken = step(0.1, ONE)) {
            assertThatThrownBy(broken::await)
                    .isInstanceOf(TrainingException.class)
                    .hasMessageStartingWith("Training diverged");
        }
    }
}
