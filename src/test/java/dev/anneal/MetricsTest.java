package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.role.Sweeps;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServerTest
class MetricsTest {
    private static final Pattern NAME = Pattern.compile("(?m)^# TYPE (anneal_\\w+?)(?:_max)? \\w+$");

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

        String metrics = new String(api.get("/actuator/prometheus").bytes());

        List<String> names = NAME.matcher(metrics)
                .results()
                .map(result -> result.group(1))
                .distinct()
                .toList();
        assertThat(names)
                .hasSizeGreaterThan(15)
                .isSubsetOf(MetricsDocumentTest.documented())
                .contains("anneal_database_up", "anneal_jobs", "anneal_problems_total", "anneal_sweeps_seconds");
        assertThat(metrics)
                .contains("anneal_problems_total{code=\"not_found\",status=\"404\"}", "anneal_database_up 1.0")
                .containsPattern("anneal_sweeps_seconds_count\\{outcome=\"done\",sweep=\"test\"} 1")
                .containsPattern("anneal_sweeps_seconds_count\\{outcome=\"failed\",sweep=\"test\"} 1");
    }
}
