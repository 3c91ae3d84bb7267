package dev.anneal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The metrics that the sources declare and docs/operations.md lists, by their names in Prometheus. */
final class MetricNames {
    static final Path DOCUMENT = Path.of("docs/operations.md");

    /** A metric that the sources declare: its kind, its name, and its unit if it has one. */
    private static final Pattern DECLARATION = Pattern.compile(
            "(?:\\b(?:meters|registry|Metrics)\\s*\\.(counter|timer|gauge\\w*|summary)|\\b(Counter|Timer|Gauge)\\.builder)\\(\\s*\"(anneal\\.[a-z.]+)\"([^;]*?\\.baseUnit\\(\"(\\w+)\"\\))?");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(anneal_\\w+)(?:\\{([\\w, ]+)})?` \\| [^|]+ \\|$");

    /** A series of a server, and the values of the labels that it is chosen by. */
    private static final Pattern SELECTOR =
            Pattern.compile("\\b((?:anneal|hikaricp|jvm|process)_[a-z_]+)(?:\\{([^}]*)})?");

    private static final Pattern MATCHER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private static final String SOURCES = sources();

    /** The kind of each metric that the sources declare. */
    static final Map<String, String> DECLARED = declared();

    /** A series that an expression or the document chooses. */
    record Selector(String name, Map<String, String> labels) {
        boolean isOurs() {
            return name.startsWith("anneal_");
        }
    }

    private MetricNames() {}

    private static Map<String, String> declared() {
        Map<String, String> kinds = new TreeMap<>();
        Matcher metric = DECLARATION.matcher(SOURCES);
        while (metric.find()) {
            String kind = (metric.group(1) == null ? metric.group(2) : metric.group(1)).toLowerCase();
            kinds.put(nameOf(kind, metric.group(3).replace('.', '_'), metric.group(5)), kind);
        }
        return kinds;
    }

    private static String nameOf(String kind, String name, String unit) {
        String withUnit = unit == null || name.endsWith("_" + unit) ? name : name + "_" + unit;
        return switch (kind) {
            case "counter" -> withUnit + "_total";
            case "timer" -> withUnit + "_seconds";
            default -> withUnit;
        };
    }

    /** Returns the labels of each metric that the document lists. */
    static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> labels = new TreeMap<>();
        ROW.matcher(Files.readString(DOCUMENT))
                .results()
                .forEach(row -> labels.put(
                        row.group(1),
                        row.group(2) == null ? Set.of() : Set.of(row.group(2).split(", "))));
        return labels;
    }

    /** Returns the labels of each series. A timer and a summary have three, and none with the plain name. */
    static Map<String, Set<String>> series() throws IOException {
        Map<String, Set<String>> series = new TreeMap<>();
        documented().forEach((name, labels) -> {
            if (DECLARED.getOrDefault(name, "").matches("timer|summary")) {
                List.of("_count", "_sum", "_max").forEach(suffix -> series.put(name + suffix, labels));
            } else {
                series.put(name, labels);
            }
        });
        return series;
    }

    static List<Selector> selectors(String text) {
        return SELECTOR.matcher(text)
                .results()
                .map(found -> new Selector(found.group(1), found.group(2) == null ? Map.of() : labels(found.group(2))))
                .toList();
    }

    /** Returns the values of labels that are written as in Prometheus: {@code a="1", b="2"}. */
    static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        MATCHER.matcher(text).results().forEach(label -> labels.put(label.group(1), label.group(2)));
        return labels;
    }

    /** Returns whether a word is a string of the sources. */
    static boolean isInSources(String word) {
        return SOURCES.contains("\"" + word + "\"");
    }

    private static String sources() {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            StringBuilder text = new StringBuilder();
            for (Path source : sources) {
                text.append(Files.readString(source)).append(";\n");
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the rows of the table of the document that has this line of headings. */
    static List<List<String>> table(String headings) throws IOException {
        return Files.readAllLines(DOCUMENT).stream()
                .dropWhile(line -> !line.equals(headings))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "))
                .map(line -> List.of(line.substring(2, line.length() - 2).split(" \\| ")))
                .toList();
    }
}
