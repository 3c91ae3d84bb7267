package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {
    @ParameterizedTest
    @EnumSource(Task.class)
    void eachTaskHasTheLossFirstAndADefaultAmongItsMetrics(Task task) {
        assertThat(Metrics.of(task).list())
                .startsWith(Metric.LOSS)
                .contains(Metrics.of(task).byDefault());
    }

    @Test
    void aNameMeansTheSameMetricInEveryTask() {
        assertThat(Metrics.all().stream().map(Metric::name)).doesNotHaveDuplicates();
    }

    @Test
    void lowerIsBetterForErrorsOnly() {
        assertThat(Metrics.all().stream()
                        .filter(metric -> !metric.higherIsBetter())
                        .map(Metric::name)
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("loss", "rmse", "mae", "perplexity");
        assertThat(Metric.named("rmse").gain(1, 3)).isEqualTo(2);
        assertThat(Metric.named("accuracy").gain(1, 3)).isEqualTo(-2);
    }

    @Test
    void inJsonAMetricIsItsName() {
        List<Metric> metrics = List.of(Metric.LOSS, Metric.named("f1_macro"));

        assertThat(Json.write(metrics)).isEqualTo("[\"loss\",\"f1_macro\"]");
        assertThat(Json.read(Json.write(metrics), Metric[].class)).containsExactlyElementsOf(metrics);
        assertThatThrownBy(() -> Json.read("\"f2\"", Metric.class)).hasMessageContaining("'f2'");
    }
}
