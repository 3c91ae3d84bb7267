package dev.anneal.cli.dataset;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Renders a dataset: its columns, labels and splits. */
public final class DatasetText {
    private DatasetText() {}

    public static void print(JsonNode dataset, Terminal terminal) {
        JobText.fact(terminal, "dataset", Fields.text(dataset, "id") + "  " + Fields.text(dataset, "name"));
        JobText.fact(terminal, "status", Fields.text(dataset, "status"));
        if (dataset.hasNonNull("progress")) {
            JsonNode progress = dataset.path("progress");
            JobText.fact(
                    terminal,
                    "progress",
                    Fields.text(progress, "phase") + ", " + Units.bytes(Fields.whole(progress, "read_bytes"))
                            + (progress.hasNonNull("total_bytes")
                                    ? " of " + Units.bytes(Fields.whole(progress, "total_bytes"))
                                    : "")
                            + ", " + Fields.count(progress, "row_count") + " rows");
        }
        JobText.fact(terminal, "task", Fields.text(dataset, "task"));
        JobText.fact(
                terminal,
                "columns",
                dataset.path("columns").properties().stream()
                        .map(role -> role.getKey() + "=" + Fields.line(role.getValue(), ""))
                        .collect(Collectors.joining(",")));
        if (dataset.hasNonNull("source")) {
            JobText.fact(
                    terminal,
                    "source",
                    Fields.text(dataset, "source")
                            + (dataset.hasNonNull("revision") ? " at " + Fields.text(dataset, "revision") : ""));
        }
        dataset.path("files").forEach(file -> JobText.fact(terminal, "file", file(file)));
        JobText.fact(terminal, "rows", Fields.count(dataset, "row_count") + ": " + Upload.splits(dataset));
        String labels = dataset.path("labels")
                .valueStream()
                .map(label -> Fields.text(label, "name") + " " + Fields.count(label, "count"))
                .collect(Collectors.joining(", "));
        JobText.fact(terminal, "labels", labels.isEmpty() ? Fields.NONE : labels);
        if (Fields.whole(dataset, "warning_count") > 0) {
            JobText.fact(terminal, "warnings", Upload.warnings(dataset));
        }
        if (dataset.hasNonNull("parent")) {
            JobText.fact(terminal, "made of", Fields.text(dataset, "parent") + " by " + Datasets.steps(dataset));
        }
        if (dataset.hasNonNull("same_as")) {
            JobText.fact(terminal, "same as", Fields.text(dataset, "same_as"));
        }
        JobText.fact(terminal, "size", Units.bytes(Fields.whole(dataset, "size_bytes")));
        JobText.fact(terminal, "created", Fields.time(dataset, "created_at"));
    }

    /** Returns the name of a file and how it was read. */
    private static String file(JsonNode file) {
        String read = Stream.of("split", "label", "format", "delimiter", "encoding", "compression", "dialect")
                .filter(fact -> file.path(fact).isString())
                .filter(fact -> !file.path(fact).asString().equals(","))
                .map(fact -> (fact.equals("delimiter") ? "delimiter " : "") + Fields.text(file, fact))
                .collect(Collectors.joining(", "));
        boolean hasHeader = file.path("header").asBoolean(true);
        return Fields.text(file, "name") + ": " + read + (hasHeader ? "" : ", no header");
    }
}
