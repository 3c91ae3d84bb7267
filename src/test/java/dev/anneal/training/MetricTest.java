package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricTest {
    @Test
    void ofLossesTheLowerIsBetterAndOfOtherMetricsTheHigher() {
        assertThat(Metric.LOSS.compare(epoch(0.1, 0.5), epoch(0.2, 0.9))).isPositive();
        assertThat(Metric.ACCURACY.compare(epoch(0.1, 0.5), epoch(0.2, 0.9))).isNegative();
    }

    @Test
    void equalOnesAreToldApartByTheirLoss() {
        assertThat(Metric.F1_MACRO.compare(epoch(0.1, 0.5), epoch(0.2, 0.5))).isPositive();
        assertThat(Metric.F1_MACRO.compare(epoch(0.1, 0.5), epoch(0.1, 0.5))).isZero();
    }

    private static EpochMetrics epoch(double validationLoss, double score) {
        return new EpochMetrics(1, 1, 0, validationLoss, 0, 0, 0, score, score);
    }
}
