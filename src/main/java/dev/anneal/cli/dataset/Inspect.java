package dev.anneal.cli.dataset;

import dev.anneal.cli.command.BaseModels;
import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
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
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The command that shows what a model sees of a row. */
@Command(
        name = "inspect",
        description = "Show what a model sees of a row in a job: its tokens, which are learned, and what is cut.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv 17",
            "  ${COMMAND-FULL-NAME} chats.jsonl 1 --model Qwen/Qwen2.5-0.5B-Instruct --max-length 512",
            "  ${COMMAND-FULL-NAME} novel.txt 3 --task masked-lm --whole-words"
        })
public final class Inspect implements Callable<Integer> {
    @Mixin
    private DatasetParameter dataset;

    @Parameters(index = "1", paramLabel = "ROW", description = "Number of the row.")
    private long row;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Base model, or a fine-tuned one (default: as with train).")
    private @Nullable String model;

    @Option(names = "--task", paramLabel = "TASK", description = "Task of the job (default: that of the dataset).")
    private @Nullable String task;

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens per text (default: as with train).")
    private @Nullable Integer maxLength;

    @Option(names = "--long-texts", paramLabel = "HOW", description = "truncate or windows (default: truncate).")
    private @Nullable String longTexts;

    @Option(
            names = "--completions-only",
            paramLabel = "BOOL",
            arity = "0..1",
            fallbackValue = "true",
            description = "Whether only completions and answers are learned (default: true).")
    private @Nullable Boolean completionsOnly;

    @Option(names = "--masking-probability", paramLabel = "P", description = "Share of masked tokens (default: 0.15).")
    private @Nullable Double maskingProbability;

    @Option(names = "--whole-words", description = "Mask whole words.")
    private boolean wholeWords;

    @Option(names = "--seed", paramLabel = "N", description = "Mask other tokens.")
    private @Nullable Integer seed;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "60",
            description = "Most tokens to show (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Mixin
    private JsonOption json;

    private final Session session;

    public Inspect(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        String path = dataset.path(api);
        String wanted = task == null && model == null ? Fields.text(api.get(path), "task") : task == null ? "" : task;
        Map<String, @Nullable Object> query = new LinkedHashMap<>();
        query.put("base_model", BaseModels.choose(api, Optional.ofNullable(model), wanted));
        query.put("task", task);
        query.put("max_length", maxLength);
        query.put("long_texts", longTexts);
        query.put("completions_only", completionsOnly);
        query.put("masking_probability", maskingProbability);
        query.put("whole_words", wholeWords ? true : null);
        query.put("seed", seed);
        JsonNode seen = api.get(path + "/rows/" + row + "/tokens" + Browse.query(query));
        return json.show(session, seen, found -> print(found, session.terminal()));
    }

    private void print(JsonNode seen, Terminal terminal) {
        JobText.fact(terminal, "row", Fields.text(seen, "number") + " (" + Fields.text(seen, "split") + ")");
        JobText.fact(
                terminal,
                "for",
                Fields.text(seen, "task") + " with " + Fields.text(seen, "base_model") + ", max length "
                        + Fields.count(seen, "max_length"));
        if (seen.path("labels").isArray()) {
            String labels = seen.path("labels")
                    .valueStream()
                    .map(label -> Fields.line(label, ""))
                    .collect(Collectors.joining(", "));
            JobText.fact(terminal, "learned", labels.isEmpty() ? "no label" : labels);
        } else if (seen.hasNonNull("score")) {
            JobText.fact(terminal, "learned", Fields.text(seen, "score"));
        }
        if (Fields.whole(seen, "cut_count") > 0) {
            JobText.fact(terminal, "cut", cut(seen));
        }
        int left = limit;
        int number = 0;
        for (JsonNode example : seen.path("examples")) {
            number++;
            terminal.line();
            boolean isPerToken = !seen.path("labels").isArray() && !seen.hasNonNull("score");
            terminal.line("Example " + number + ": " + Fields.count(example, "token_count") + " tokens"
                    + (isPerToken ? ", " + Fields.count(example, "learned_count") + " learned" : ""));
            if (left > 0) {
                print(example, left, terminal);
                left -= example.path("tokens").size();
            }
        }
        long more = Fields.whole(seen, "token_count") - limit;
        if (more > 0) {
            terminal.line(terminal.dim("There are " + Units.count(more) + " more tokens. Raise --limit to see them."));
        }
    }

    private static String cut(JsonNode seen) {
        String first = seen.path("cut")
                .valueStream()
                .limit(20)
                .map(token -> Fields.text(token, "text"))
                .collect(Collectors.joining(" "));
        long learned = Fields.whole(seen, "learned_cut_count");
        return Fields.count(seen, "cut_count") + " tokens"
                + (learned > 0 ? ", of which " + Units.count(learned) + " would be learned" : "")
                + (first.isEmpty() ? "" : ": " + Units.cut(first, 60));
    }

    private static void print(JsonNode example, int most, Terminal terminal) {
        Table table = new Table(">token", ">id", "text", "from", "learned");
        int number = 0;
        for (JsonNode token : example.path("tokens")) {
            if (number == most) {
                break;
            }
            number++;
            table.row(
                    Units.count(number),
                    Fields.text(token, "id"),
                    Units.shorten(Fields.text(token, "text"), 30),
                    token.has("field")
                            ? Fields.text(token, "field")
                                    + (token.has("word") ? " " + (1 + Fields.whole(token, "word")) : "") + " "
                                    + Fields.text(token, "start") + "–" + Fields.text(token, "end")
                            : "",
                    !token.path("learned").asBoolean(false)
                            ? ""
                            : token.has("target") ? Fields.text(token, "target") : "yes");
        }
        table.print(terminal);
    }
}
