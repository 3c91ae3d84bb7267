package dev.anneal.cli.dataset;

import dev.anneal.cli.command.BaseModels;
import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The command that shows statistics of a dataset, as tables and bars. */
@Command(
        name = "stats",
        description = "Show the labels, lengths, words and repetitions of a dataset, and its tokens for a base model.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv",
            "  ${COMMAND-FULL-NAME} reviews.csv --model all-MiniLM-L6-v2 --max-length 128"
        })
public final class Stats implements Callable<Integer> {
    private static final int MOST_LABELS = 20;
    private static final int BAR = 40;

    @Mixin
    private DatasetParameter dataset;

    @Option(names = "--model", paramLabel = "MODEL", description = "Base model whose tokens are counted.")
    private @Nullable String model;

    @Option(names = "--task", paramLabel = "TASK", description = "Task of the job (default: that of the dataset).")
    private @Nullable String task;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Tokens beyond which tokens are lost (default: the most that the model takes).")
    private @Nullable Integer maxLength;

    @Mixin
    private JsonOption json;

    private final Session session;

    public Stats(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (model == null && (task != null || maxLength != null)) {
            throw Failure.usage("--task and --max-length need --model, the base model whose tokens are counted.");
        }
        Api api = session.api();
        Map<String, @Nullable Object> query = new LinkedHashMap<>();
        query.put("base_model", model == null ? null : BaseModels.choose(api, Optional.of(model), ""));
        query.put("task", task);
        query.put("max_length", maxLength);
        JsonNode found = api.get(dataset.path(api) + "/statistics" + Browse.query(query));
        return json.show(session, found, statistics -> print(statistics, session.terminal()));
    }

    private static void print(JsonNode statistics, Terminal terminal) {
        JsonNode rows = statistics.path("rows");
        JobText.fact(
                terminal,
                "rows",
                Fields.count(rows, "train") + " to train, " + Fields.count(rows, "validation") + " to validate, "
                        + Fields.count(rows, "test") + " to test");
        JsonNode score = statistics.path("score");
        if (score.isObject()) {
            JobText.fact(
                    terminal,
                    "scores",
                    Units.number(Fields.number(score, "min")) + " to " + Units.number(Fields.number(score, "max"))
                            + ", mean " + Fields.decimal(score, "mean", 2));
        }
        JobText.fact(terminal, "repetitions", repetitions(statistics));
        JsonNode words = statistics.path("vocabulary");
        if (words.isObject()) {
            JobText.fact(
                    terminal,
                    "new words",
                    Fields.percent(words, "unseen_share") + " of the words to validate and test are in none of "
                            + Fields.count(words, "train_rows") + " training rows");
        }
        lengths("characters", statistics.path("text_length"), terminal);
        JsonNode tokens = statistics.path("tokens");
        if (tokens.isObject()) {
            lengths("tokens", tokens.path("lengths"), terminal);
            tokens(tokens, terminal);
        }
        labels(statistics, terminal);
    }

    private static String repetitions(JsonNode statistics) {
        String found = statistics.path("repetitions").properties().stream()
                .filter(kind -> kind.getValue().asLong(0) > 0)
                .map(kind -> Units.count(kind.getValue().asLong(0)) + " " + kind.getKey())
                .collect(Collectors.joining(", "));
        return found.isEmpty() ? "none" : found;
    }

    private static void lengths(String unit, JsonNode lengths, Terminal terminal) {
        terminal.line();
        terminal.line("%s per row: %s to %s, half of the rows have at most %s, 95%% at most %s"
                .formatted(
                        Character.toUpperCase(unit.charAt(0)) + unit.substring(1),
                        Fields.count(lengths, "min"),
                        Fields.count(lengths, "max"),
                        Fields.count(lengths, "p50"),
                        Fields.count(lengths, "p95")));
        long most = lengths.path("histogram")
                .valueStream()
                .mapToLong(bin -> Fields.whole(bin, "count"))
                .max()
                .orElse(1);
        Table table = new Table(">" + unit, ">rows", "");
        lengths.path("histogram")
                .forEach(bin -> table.row(
                        range(bin),
                        Fields.count(bin, "count"),
                        terminal.accent(bar(Fields.whole(bin, "count"), most))));
        table.print(terminal);
    }

    private static String range(JsonNode bin) {
        String from = Fields.count(bin, "from");
        String to = Fields.count(bin, "to");
        return from.equals(to) ? from : from + "–" + to;
    }

    /** Returns a bar that shows that there are some, however few. */
    private static String bar(long count, long most) {
        return "█".repeat((int) (count == 0 ? 0 : Math.max(1, Math.round((double) BAR * count / most))));
    }

    private static void tokens(JsonNode tokens, Terminal terminal) {
        terminal.line();
        JobText.fact(
                terminal,
                "tokens of",
                Fields.text(tokens, "base_model") + " for " + Fields.text(tokens, "task") + ", "
                        + Fields.count(tokens, "rows")
                        + (tokens.path("is_sample").asBoolean(false) ? " random" : "")
                        + " rows");
        boolean lost = Fields.text(tokens, "long_texts").equals("truncate");
        JobText.fact(
                terminal,
                "max length",
                Fields.count(tokens, "max_length") + ": " + Fields.count(tokens, "rows_beyond") + " rows ("
                        + Fields.percent(tokens, "row_share_beyond") + ") are longer, "
                        + Fields.percent(tokens, "token_share_beyond") + " of the tokens are "
                        + (lost ? "lost" : "in further examples"));
        JobText.fact(
                terminal,
                "suggestion",
                tokens.hasNonNull("suggested_max_length")
                        ? "--max-length " + Fields.text(tokens, "suggested_max_length")
                                + " leaves out less than 1% of the tokens"
                        : "none: the model takes " + Fields.count(tokens, "model_max_length")
                                + " tokens, and more than 1% are beyond");
        JobText.fact(
                terminal,
                "vocabulary",
                Fields.decimal(tokens, "tokens_per_word", 2) + " tokens for each word; "
                        + Fields.count(tokens, "unknown_tokens") + " tokens ("
                        + Fields.percent(tokens, "unknown_share") + ") are unknown");
        if (Fields.whole(tokens, "refused_rows") > 0) {
            JobText.fact(
                    terminal,
                    "refused",
                    Fields.count(tokens, "refused_rows") + " rows. The first: "
                            + Wording.message(Fields.text(tokens, "refused_reason")));
        }
    }

    private static void labels(JsonNode statistics, Terminal terminal) {
        JsonNode labels = statistics.path("labels");
        if (labels.isEmpty()) {
            return;
        }
        terminal.line();
        Table counts = new Table("label", ">train", ">validation", ">test");
        labels.valueStream()
                .limit(MOST_LABELS)
                .forEach(label -> counts.row(
                        Units.shorten(Fields.text(label, "name"), 30),
                        Fields.count(label, "train"),
                        Fields.count(label, "validation"),
                        Fields.count(label, "test")));
        counts.print(terminal);
        more(labels.size(), terminal);
        JsonNode terms = statistics.path("label_terms").path("labels");
        terminal.line();
        Table telling = new Table("label", "words that tell most about it");
        terms.valueStream()
                .limit(MOST_LABELS)
                .forEach(label -> telling.row(
                        Units.shorten(Fields.text(label, "label"), 30),
                        Units.cut(terms(label), Math.max(20, terminal.width() - 33))));
        telling.print(terminal);
    }

    private static String terms(JsonNode label) {
        String terms = label.path("terms")
                .valueStream()
                .map(term -> Fields.text(term, "term"))
                .collect(Collectors.joining(", "));
        return terms.isEmpty() ? Fields.NONE : terms;
    }

    private static void more(int size, Terminal terminal) {
        if (size > MOST_LABELS) {
            terminal.line(
                    terminal.dim("There are " + Units.count(size - MOST_LABELS) + " more. --json prints all of them."));
        }
    }
}
