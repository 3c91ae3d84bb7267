package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Shell;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates the API's names into those of the command line: {@code hyperparameters.epochs} is {@code --epochs}. */
public final class Wording {
    private static final Set<String> OBJECTS = Set.of(
            "columns",
            "split",
            "checks",
            "subset",
            "method",
            "task_options",
            "early_stopping",
            "checkpoints",
            "metadata");
    private static final Map<String, String> RENAMED = Map.of(
            "base_model", "--model",
            "validation_dataset", "--validation",
            "test_dataset", "--test",
            "expires_in_days", "--days");
    private static final Set<String> OPTIONS = Set.of(
            "columns",
            "split",
            "format",
            "encoding",
            "delimiter",
            "label_names",
            "label_until",
            "file_labels",
            "checks",
            "on_error",
            "max_skipped",
            "task",
            "name",
            "subset",
            "method",
            "priority",
            "revision",
            "role",
            "project",
            "limit",
            "status",
            "kind",
            "seed",
            "temperature",
            "stop",
            "task_options",
            "early_stopping",
            "checkpoints",
            "metadata",
            "max_attempts",
            "max_length",
            "batch_size",
            "learning_rate",
            "warmup_ratio",
            "warmup_steps",
            "class_weights",
            "label_smoothing",
            "max_new_tokens",
            "top_p",
            "top_k");
    /** A name in quotes, with the word before it: "column 'name'" is a column, and no option. */
    private static final Pattern QUOTED = Pattern.compile("(the field |\\w+ )?'([a-z_0-9]+(?:\\.[a-z_0-9]+)*)'");

    private static final Set<String> NOUNS =
            Set.of("column ", "role ", "label ", "task ", "dataset ", "model ", "job ", "project ", "key ", "tag ");
    private static final Pattern OBJECT = Pattern.compile("\\{(\"\\w+\": ?[^{}\\[\\]]+)}");
    private static final Pattern PATH =
            Pattern.compile("(?:GET |POST )?/api/v1/(dataset|job|model)s/(\\w+)(?:/(problems|predict|generate))?");

    private Wording() {}

    /** Returns the option for a field of a request; a field without an option keeps its name. */
    static String option(String field) {
        int dot = field.indexOf('.');
        if (dot < 0) {
            return RENAMED.getOrDefault(field, OPTIONS.contains(field) ? "--" + dashed(field) : field);
        }
        String object = field.substring(0, dot);
        String inner = field.substring(dot + 1);
        return object.equals("hyperparameters")
                ? "--" + dashed(inner)
                : OBJECTS.contains(object) ? "--" + dashed(object) + " " + inner + "=…" : field;
    }

    /** Returns a sentence of the server with options in place of fields. */
    public static String message(String sentence) {
        String flags = sentence.replace("set 'header' to false", "use --no-header");
        String options = QUOTED.matcher(flags).replaceAll(match -> quoteReplacement(name(match)));
        String pairs = OBJECT.matcher(options).replaceAll(match -> quoteReplacement(pairs(match.group(1))));
        return PATH.matcher(pairs)
                .replaceAll(match -> quoteReplacement(command(match)))
                .replaceAll("\\bbase_model\\b", "base model");
    }

    private static String name(MatchResult match) {
        String before = match.group(1) == null ? "" : match.group(1);
        String option = option(match.group(2));
        if (option.equals(match.group(2)) || NOUNS.contains(before)) {
            return match.group();
        }
        return (before.endsWith("field ") ? "" : before) + option;
    }

    private static String pairs(String fields) {
        return fields.replaceAll("\"(\\w+)\": ?\"?([^\",]*)\"?", "$1=$2").replace(", ", ",");
    }

    private static String command(MatchResult match) {
        String verb = match.group(3) == null ? match.group(1) : match.group(3);
        return "`" + Shell.anneal((verb.equals("problems") ? "datasets problems" : verb) + " " + match.group(2)) + "`";
    }

    private static String quoteReplacement(String text) {
        return Matcher.quoteReplacement(text);
    }

    private static String dashed(String name) {
        return name.replace('_', '-');
    }
}
