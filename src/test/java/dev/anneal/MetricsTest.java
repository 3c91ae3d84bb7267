package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.role.Sweeps;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServerTest
class MetricsTest {
    private static final Pattern NAME = Pattern.compile("(?m)^# TYPE (anneal_\\w+?)(?:_max)? \\w+$");
    private static final Pattern SERIES = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)})? \\S+$");

    @Autowired
    private Api api;

    @Test
    void prometheusReadsTheMetricsByTheNamesOfTheDocument() throws IOException {
        api.get("/api/v1/jobs/job_none");
        Sweeps.time("test", () -> {});
        Assertions.assertThatThrownBy(() -> Sweeps.time("test", () -> {
                    throw new IllegalStateException("the store is full");
                }))
                .hasMessage("the store is full");

        String metrics = scrape();

        List<String> names = NAME.matcher(metrics)
                .results()
                .map(result -> result.group(1))
                .distinct()
                .toList();
        assertThat(names)
                .hasSizeGreaterThan(15)
                .isSubsetOf(MetricNames.documented().keySet())
                .contains(
                        "anneal_database_up",
                        "anneal_jobs",
                        "anneal_imports_waiting",
                        "anneal_model_checks",
                        "anneal_problems_total",
                        "anneal_sweeps_seconds");
        assertThat(metrics)
                .contains("anneal_problems_total{code=\"not_found\",status=\"404\"}", "anneal_database_up 1.0")
                .containsPattern("anneal_sweeps_seconds_count\\{outcome=\"done\",sweep=\"test\"} 1")
                .containsPattern("anneal_sweeps_seconds_count\\{outcome=\"failed\",sweep=\"test\"} 1");
    }

    @Test
    void theSeriesHaveTheLabelsOfTheDocument() throws IOException {
        Map<String, Set<String>> documented = MetricNames.series();

        for (MatchResult series : SERIES.matcher(scrape()).results().toList()) {
            Set<String> expected = documented.get(series.group(1));
            if (expected != null) {
                String labels = series.group(2) == null ? "" : series.group(2);
                assertThat(MetricNames.labels(labels).keySet())
                        .as(series.group())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void theSeriesOfOthersThatTheFilesForPrometheusNameExist() throws IOException {
        Set<String> exposed = new TreeSet<>();
        SERIES.matcher(scrape()).results().forEach(series -> exposed.add(series.group(1)));

        Set<String> named = new TreeSet<>();
        for (Path file : List.of(
                Path.of("deploy/grafana/anneal.json"),
                Path.of("deploy/prometheus/alerts.yaml"),
                MetricNames.DOCUMENT)) {
            MetricNames.selectors(Files.readString(file)).stream()
                    .filter(each -> !each.isOurs())
                    .forEach(each -> named.add(each.name()));
        }

        assertThat(named).contains("hikaricp_connections_pending").isSubsetOf(exposed);
    }

    private String scrape() {
        return new String(api.get("/actuator/prometheus").bytes());
    }
}
