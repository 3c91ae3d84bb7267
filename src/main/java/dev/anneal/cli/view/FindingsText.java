package dev.anneal.cli.view;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.evaluation.slice.Gap;
import dev.anneal.text.ControlCharacters;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The findings of a report: baselines, the largest gaps, what bias was found, and wrong labels. */
record FindingsText(JsonNode report, JsonNode json) {
    private static final int GAPS = 3;
    private static final int EXCHANGES = 3;

    FindingsText(JsonNode report) {
        this(report, report.path("findings"));
    }

    void print(Terminal terminal) {
        printBaselines(terminal);
        printGaps(terminal);
        printExchanges(terminal);
        printMislabelled(terminal);
        json.path("left_out").forEach(sentence -> terminal.line(Fields.line(sentence, "")));
    }

    private void printBaselines(Terminal terminal) {
        if (json.path("baselines").isEmpty()) {
            return;
        }
        terminal.line();
        Table table = new Table("baseline", "metric", ">baseline", ">gain", "95 % interval");
        for (JsonNode baseline : json.path("baselines")) {
            String name = Fields.text(baseline, "name").replace('_', '-');
            for (Map.Entry<String, JsonNode> gain : baseline.path("gains").properties()) {
                table.row(
                        name,
                        Metrics.name(gain.getKey()),
                        Fields.decimal(baseline.path("metrics"), gain.getKey(), 3),
                        signed(gain.getValue(), "gain"),
                        interval(gain.getValue().path("interval")));
                name = "";
            }
        }
        table.print(terminal);
    }

    /** Prints the slices whose metric is surely another one than that of the other rows, those with the largest gaps. */
    private void printGaps(Terminal terminal) {
        List<Gap> gaps = Gap.sure(json).stream().limit(GAPS).toList();
        if (gaps.isEmpty()) {
            return;
        }
        terminal.line();
        Table table = new Table("part of the rows", ">examples", "metric", ">value", ">gap", "95 % interval");
        gaps.forEach(gap -> table.row(
                ControlCharacters.escape(gap.column() + " " + gap.value()),
                Units.count(gap.examples()),
                Metrics.name(gap.metric()),
                Fields.decimal(gap.figure(), "value", 3),
                signed(gap.figure(), "gap"),
                interval(gap.figure().path("gap_interval"))));
        table.print(terminal);
    }

    private void printExchanges(Terminal terminal) {
        List<JsonNode> exchanges = json.path("counterfactuals")
                .path("exchanges")
                .valueStream()
                .sorted(Comparator.comparingDouble(exchange -> -Fields.number(exchange, "moved")))
                .limit(EXCHANGES)
                .toList();
        if (exchanges.isEmpty()) {
            return;
        }
        terminal.line();
        Table table = new Table("if only these words change", ">texts", ">other prediction", ">score moves by");
        exchanges.forEach(exchange -> table.row(
                Fields.text(exchange, "from") + " to " + Fields.text(exchange, "to"),
                Fields.count(exchange, "pairs"),
                Fields.percent(exchange, "changed"),
                Fields.decimal(exchange, "moved", 3)));
        table.print(terminal);
    }

    private void printMislabelled(Terminal terminal) {
        Set<String> datasets = new LinkedHashSet<>();
        for (JsonNode found : json.path("likely_mislabelled")) {
            if (Fields.whole(found, "confident") > 0) {
                if (datasets.isEmpty()) {
                    terminal.line();
                }
                datasets.add(found.hasNonNull("dataset") ? Fields.text(found, "dataset") : "DATASET");
                JsonNode first = found.path("rows").path(0);
                terminal.line("%s of %s %s rows probably have a wrong label, first row %s (%s, rather %s)"
                        .formatted(
                                Fields.count(found, "confident"),
                                Fields.count(found, "examined"),
                                Fields.text(found, "split"),
                                Fields.count(first, "row"),
                                Units.shorten(Fields.text(first, "label"), 40),
                                Units.shorten(Fields.text(first, "suggested_label"), 40)));
            }
        }
        String source = report.hasNonNull("evaluation") ? "evaluation" : "job";
        String id = report.hasNonNull(source) ? Fields.text(report, source) : "JOB";
        datasets.forEach(dataset ->
                terminal.line("Remove them: " + Shell.anneal("datasets fix " + dataset + " --drop-mislabelled " + id)));
    }

    static String signed(JsonNode node, String field) {
        return (Fields.number(node, field) > 0 ? "+" : "") + Fields.decimal(node, field, 3);
    }

    static String interval(JsonNode interval) {
        return interval.hasNonNull("low")
                ? Fields.decimal(interval, "low", 3) + " to " + Fields.decimal(interval, "high", 3)
                : Fields.NONE;
    }
}
