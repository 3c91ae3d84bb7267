package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.MetricNames.Selector;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/** Compares the metrics of the sources with docs/operations.md, and with the files for Grafana and Prometheus. */
class MetricsDocumentTest {
    /** Faults that no server sees, or that change nothing. */
    private static final List<String> WITHOUT_METRIC =
            List.of("a second server", "the data directory belongs", "clocks differ", "a key leaks");

    private static final Pattern CODE = Pattern.compile("\\b[45]\\d\\d `([a-z_]+)`");
    private static final Pattern GROUPED = Pattern.compile("\\bby \\(([\\w, ]+)\\)");

    /** A label in a legend or in a text of an alert. */
    private static final Pattern SHOWN = Pattern.compile("\\{\\{ ?(?:\\$labels\\.)?(\\w+) ?}}");

    /** The counter and the time of an alert for a single event. */
    private static final Pattern SINGLE = Pattern.compile("increase\\(([^\\[]+)\\[(\\w+)]\\)\\) > 0");

    private final Map<String, Set<String>> series = MetricNames.series();

    MetricsDocumentTest() throws IOException {}

    @Test
    void everyMetricIsInTheDocumentAndNoOther() throws IOException {
        assertThat(MetricNames.DECLARED).hasSizeGreaterThan(45);
        assertThat(MetricNames.documented().keySet()).containsExactlyElementsOf(MetricNames.DECLARED.keySet());
    }

    @Test
    void eachFaultOfTheDocumentNamesAMetricThatShowsIt() throws IOException {
        List<List<String>> faults = MetricNames.table("| Fault | What happens | Symptom | Metric |");

        assertThat(faults)
                .hasSizeGreaterThan(35)
                .allSatisfy(row -> assertThat(row).hasSize(4));
        for (List<String> fault : faults) {
            String metric = fault.get(3);
            if (!metric.equals("`up`")) {
                assertThat(metric.equals("-"))
                        .as(fault.get(0))
                        .isEqualTo(WITHOUT_METRIC.stream().anyMatch(fault.get(0)::startsWith));
                requireSeries(fault.get(0), metric, metric.equals("-") ? 0 : 1);
            }
        }
    }

    @Test
    void eachQueueOfTheDocumentNamesAMetricOfItsLength() throws IOException {
        List<List<String>> queues = MetricNames.table("| Queue | Metric |");

        assertThat(queues).hasSizeGreaterThan(6);
        for (List<String> queue : queues) {
            requireSeries(queue.get(0), queue.get(1), 1);
        }
    }

    @Test
    void eachCodeOfAProblemInTheDocumentExists() throws IOException {
        List<String> codes = CODE.matcher(Files.readString(MetricNames.DOCUMENT))
                .results()
                .map(code -> code.group(1))
                .toList();

        assertThat(codes).hasSizeGreaterThan(30).allMatch(MetricNames::isInSources);
    }

    @Test
    void dashboardAndAlertsChooseSeriesByLabelsThatExist() throws IOException {
        Map<String, String> expressions = expressions();

        assertThat(expressions).hasSizeGreaterThan(60);
        for (Map.Entry<String, String> each : expressions.entrySet()) {
            List<Selector> chosen = requireSeries(each.getKey(), each.getValue(), 1);
            Set<String> labels = new TreeSet<>(Set.of("instance"));
            chosen.stream().filter(Selector::isOurs).forEach(one -> labels.addAll(series.get(one.name())));
            Set<String> grouped = new TreeSet<>();
            GROUPED.matcher(each.getValue())
                    .results()
                    .forEach(by -> grouped.addAll(List.of(by.group(1).split(", "))));
            assertThat(grouped).as(each.getKey()).isSubsetOf(labels);
            assertThat(shown(each.getKey())).as(each.getKey()).isSubsetOf(grouped);
        }
    }

    /** A counter appears with its first event, which is no increase for Prometheus. */
    @Test
    void anAlertForASingleEventSeesACounterThatIsNew() throws IOException {
        List<String> counters = new ArrayList<>();
        for (Map.Entry<String, String> each : expressions().entrySet()) {
            SINGLE.matcher(each.getValue()).results().forEach(single -> {
                counters.add(single.group(1));
                assertThat(each.getValue())
                        .as(each.getKey())
                        .contains("%1$s unless %1$s offset %2$s".formatted(single.group(1), single.group(2)));
            });
        }
        assertThat(counters).hasSizeGreaterThan(5);
    }

    /** Returns each expression by a text that names its place and shows labels. */
    private static Map<String, String> expressions() throws IOException {
        Map<String, String> expressions = new LinkedHashMap<>();
        JsonNode dashboard = Json.MAPPER.readTree(Files.readString(Path.of("deploy/grafana/anneal.json")));
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String place = "panel " + panel.path("id").asString() + " "
                        + target.path("refId").asString();
                expressions.put(
                        place + ": " + target.path("legendFormat").asString(""),
                        target.path("expr").asString());
            }
        }
        for (JsonNode group : alerts().path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                expressions.put(
                        rule.path("alert").asString() + ": " + rule.path("annotations"),
                        rule.path("expr").asString());
            }
        }
        return expressions;
    }

    private static JsonNode alerts() throws IOException {
        Object content = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(Path.of("deploy/prometheus/alerts.yaml")));
        return Json.MAPPER.valueToTree(content);
    }

    private static List<String> shown(String text) {
        return SHOWN.matcher(text).results().map(label -> label.group(1)).toList();
    }

    /**
     * Requires at least so many series in a text, each with labels and values that exist, and returns them. {@link MetricsTest} looks for
     * those that are not ours.
     */
    private List<Selector> requireSeries(String place, String text, int least) {
        List<Selector> chosen = MetricNames.selectors(text);
        assertThat(chosen).as(place).hasSizeGreaterThanOrEqualTo(least);
        List<String> values = new ArrayList<>();
        for (Selector each : chosen) {
            if (each.isOurs()) {
                assertThat(series).as(place).containsKey(each.name());
                assertThat(each.labels().keySet()).as(place).isSubsetOf(series.get(each.name()));
                values.addAll(each.labels().values());
            }
        }
        values.removeIf(value -> value.matches("\\d+"));
        assertThat(values).as(place).allMatch(MetricNames::isInSources);
        return chosen;
    }
}
