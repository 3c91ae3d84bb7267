package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares the metrics of the sources with docs/operations.md, and with the files for Grafana and Prometheus. */
class MetricsDocumentTest {
    /** A metric that the sources declare: its kind, its name, and its unit if it has one. */
    private static final Pattern DECLARED = Pattern.compile(
            "(?:\\b(?:meters|registry|Metrics)\\s*\\.(counter|timer|gauge\\w*|summary)|\\b(Counter|Timer|Gauge)\\.builder)\\(\\s*\"(anneal\\.[a-z.]+)\"([^;]*?\\.baseUnit\\(\"(\\w+)\"\\))?");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(anneal_\\w+)(?:\\{([\\w, ]+)})?` \\| [^|]+ \\|$");
    private static final Pattern USED = Pattern.compile("\\banneal_[a-z_]+");
    private static final Pattern SERIES = Pattern.compile("_(?:count|sum|max|bucket)$");

    @Test
    void everyMetricIsInTheDocumentAndNoOther() throws IOException {
        assertThat(declared()).hasSizeGreaterThan(40);
        assertThat(documented()).containsExactlyElementsOf(declared());
    }

    @Test
    void dashboardAndAlertsUseMetricsThatExist() throws IOException {
        Set<String> existing = documented();
        for (Path file : List.of(
                Path.of("deploy/grafana/anneal.json"),
                Path.of("deploy/prometheus/alerts.yaml"),
                Path.of("docs/operations.md"))) {
            List<String> used = USED.matcher(Files.readString(file))
                    .results()
                    .map(result -> SERIES.matcher(result.group()).replaceFirst(""))
                    .distinct()
                    .toList();
            assertThat(used).as(file.toString()).isNotEmpty().isSubsetOf(existing);
        }
    }

    /** Returns the names that Prometheus sees. */
    static Set<String> documented() throws IOException {
        return ROW.matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> declared() throws IOException {
        Set<String> names = new TreeSet<>();
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        for (Path source : sources) {
            Matcher metric = DECLARED.matcher(Files.readString(source));
            while (metric.find()) {
                String kind = (metric.group(1) == null ? metric.group(2) : metric.group(1)).toLowerCase();
                names.add(nameOf(kind, metric.group(3).replace('.', '_'), metric.group(5)));
            }
        }
        return names;
    }

    private static String nameOf(String kind, String name, String unit) {
        String withUnit = unit == null || name.endsWith("_" + unit) ? name : name + "_" + unit;
        return switch (kind) {
            case "counter" -> withUnit + "_total";
            case "timer" -> withUnit + "_seconds";
            default -> withUnit;
        };
    }
}
