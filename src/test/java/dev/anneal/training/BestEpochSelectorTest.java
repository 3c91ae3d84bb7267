package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.Metric;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.ValidationSteps;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.EpochMetrics;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BestEpochSelectorTest {
    @Test
    void aLowerLossIsBetter() {
        assertThat(best("loss", epoch(1, 0.2, 0.9), epoch(2, 0.1, 0.5))).isEqualTo(2);
        assertThat(best("loss", epoch(1, 0.1, 0.5), epoch(2, 0.2, 0.9))).isEqualTo(1);
    }

    @Test
    void aHigherAccuracyIsBetter() {
        assertThat(best("accuracy", epoch(1, 0.1, 0.5), epoch(2, 0.2, 0.9))).isEqualTo(2);
        assertThat(best("accuracy", epoch(1, 0.2, 0.9), epoch(2, 0.1, 0.5))).isEqualTo(1);
    }

    @Test
    void theLossDecidesBetweenEpochsOfEqualF1AndTheFirstStaysIfItIsEqualToo() {
        assertThat(best("f1_macro", epoch(1, 0.2, 0.5), epoch(2, 0.1, 0.5))).isEqualTo(2);
        assertThat(best("f1_macro", epoch(1, 0.1, 0.5), epoch(2, 0.1, 0.5))).isEqualTo(1);
    }

    @Test
    void withoutValidationRowsTheLastEpochIsTheBest() {
        BestEpochSelector selector = new BestEpochSelector(spec("loss"), new ValidationSteps(1, 2, null), false);
        TrainingState state = selector.select(TrainingState.START, epoch(1, null, 0));
        state = selector.select(state.nextEpoch(), epoch(2, null, 0));

        assertThat(selector.best(state).epoch()).isEqualTo(2);
        assertThat(selector.best(state).metric()).isNull();
    }

    private static int best(String metric, EpochMetrics first, EpochMetrics second) {
        BestEpochSelector selector = new BestEpochSelector(spec(metric), new ValidationSteps(1, 2, null), true);
        TrainingState state = selector.select(TrainingState.START, first);
        return selector.best(selector.select(state.nextEpoch(), second)).epoch();
    }

    private static JobSpec spec(String metric) {
        return new JobSpec(
                Task.TEXT_CLASSIFICATION,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of("a", "b"),
                Method.FULL,
                TestHyperparameters.of(0, 0, 1),
                null,
                null,
                Metric.named(metric),
                null);
    }

    private static EpochMetrics epoch(int epoch, Double validationLoss, double score) {
        return new EpochMetrics(
                epoch, epoch, false, 0, validationLoss, 0, 0, null, 0, Map.of("accuracy", score, "f1_macro", score));
    }
}
