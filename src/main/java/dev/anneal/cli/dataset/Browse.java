package dev.anneal.cli.dataset;

import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.text.Suggest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The command that shows rows of a dataset. */
@Command(
        name = "browse",
        description = "Show rows of a dataset, those that match or a random sample.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv --label positive --text refund",
            "  ${COMMAND-FULL-NAME} reviews.csv --problem near_duplicate",
            "  ${COMMAND-FULL-NAME} reviews.csv --split test --sample 10"
        })
public final class Browse implements Callable<Integer> {
    private static final int LABEL_WIDTH = 24;

    @Mixin
    private DatasetParameter dataset;

    @Option(names = "--split", paramLabel = "SPLIT", description = "Only rows for train, validation or test.")
    private @Nullable String split;

    @Option(names = "--label", paramLabel = "LABEL", description = "Only rows with this label or tag.")
    private @Nullable String label;

    @Option(names = "--problem", paramLabel = "CODE", description = "Only rows with this problem, such as duplicate.")
    private @Nullable String problem;

    @Option(names = "--text", paramLabel = "TEXT", description = "Only rows with this text, in upper or lower case.")
    private @Nullable String text;

    @Option(names = "--sample", paramLabel = "N", description = "Draw so many rows at random.")
    private @Nullable Integer sample;

    @Option(names = "--seed", paramLabel = "N", description = "Choose another sample (default: 42).")
    private @Nullable Long seed;

    @Option(names = "--limit", paramLabel = "N", description = "Most rows to show, up to 1000 (default: 20).")
    private @Nullable Integer limit;

    @Option(names = "--after", paramLabel = "ROW", description = "Continue after this row.")
    private @Nullable Long after;

    @Mixin
    private JsonOption json;

    private final Session session;

    public Browse(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seed != null && sample == null) {
            throw Failure.usage("--seed needs --sample.");
        }
        Map<String, @Nullable Object> query = new LinkedHashMap<>();
        query.put("split", split);
        query.put("label", label);
        query.put("problem", problem);
        query.put("text", text);
        query.put("sample", sample);
        query.put("seed", seed);
        query.put("limit", limit);
        query.put("after", after);
        Api api = session.api();
        String path = dataset.path(api);
        JsonNode page = api.get(path + "/rows" + query(query));
        if (!json.isGiven() && problem != null && page.path("data").isEmpty() && !page.hasNonNull("next_after")) {
            session.terminal().line(without(problem, api.get(path)));
            return 0;
        }
        return json.show(session, page, found -> print(found, session.terminal()));
    }

    /** Says which problems a dataset has, if no row has the one that was asked for. */
    private static String without(String problem, JsonNode dataset) {
        List<String> known = dataset.path("problem_codes")
                .valueStream()
                .map(code -> Fields.text(code, "code"))
                .sorted()
                .toList();
        return known.contains(problem)
                ? "None."
                : "No row has the problem '" + problem + "'. "
                        + (known.isEmpty()
                                ? "The dataset has no problems."
                                : "The dataset has: " + String.join(", ", known) + "."
                                        + Suggest.nearest(problem, known));
    }

    /** Returns the query of a URL with the values that are not null. */
    static String query(Map<String, @Nullable Object> values) {
        String query = values.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .map(entry -> entry.getKey() + "=" + Call.segment(String.valueOf(entry.getValue())))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    private static void print(JsonNode page, Terminal terminal) {
        if (page.path("data").isEmpty()) {
            terminal.line("None.");
        } else {
            int width = Math.max(20, terminal.width() - LABEL_WIDTH - 30);
            Table table = new Table(">row", "split", "label", "text");
            page.path("data")
                    .forEach(row -> table.row(
                            Fields.text(row, "number"),
                            Fields.text(row, "split"),
                            Units.shorten(RowText.label(row), LABEL_WIDTH),
                            Units.shorten(RowText.texts(row), width)));
            table.print(terminal);
        }
        if (page.hasNonNull("next_after")) {
            terminal.line(
                    terminal.dim("There may be more. Continue with --after " + Fields.text(page, "next_after") + "."));
        }
    }
}
