package dev.anneal.training.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricTest {
    @Test
    void ofLossesTheLowerIsBetterAndOfOtherMetricsTheHigher() {
        assertThat(Metric.LOSS.compare(epoch(0.1, 0.5), epoch(0.2, 0.9))).isPositive();
        assertThat(new Metric("accuracy").compare(epoch(0.1, 0.5), epoch(0.2, 0.9)))
                .isNegative();
    }

    @Test
    void equalOnesAreToldApartByTheirLoss() {
        assertThat(new Metric("f1_macro").compare(epoch(0.1, 0.5), epoch(0.2, 0.5)))
                .isPositive();
        assertThat(new Metric("f1_macro").compare(epoch(0.1, 0.5), epoch(0.1, 0.5)))
                .isZero();
    }

    private static EpochMetrics epoch(double validationLoss, double score) {
        return new EpochMetrics(1, 1, 0, validationLoss, 0, 0, 0, Map.of("accuracy", score, "f1_macro", score));
    }
}
