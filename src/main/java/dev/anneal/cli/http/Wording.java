package dev.anneal.cli.http;

import dev.anneal.cli.option.FixOptions;
import dev.anneal.cli.option.GenerationOptions;
import dev.anneal.cli.option.ReportingOptions;
import dev.anneal.cli.option.RequestOptions;
import dev.anneal.cli.option.TrainingOptions;
import dev.anneal.cli.option.UploadOptions;
import dev.anneal.cli.terminal.Shell;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Translates the API's names into those of the command line: {@code hyperparameters.epochs} is {@code --epochs}, and
 * {@code GET /api/v1/jobs} is {@code anneal jobs}.
 */
public final class Wording {
    /** The options by the fields of the API. */
    static final Map<String, String> OPTIONS = options();

    private static final Set<String> NOUNS = Set.of(
            "column ",
            "role ",
            "label ",
            "task ",
            "dataset ",
            "model ",
            "job ",
            "project ",
            "key ",
            "tag ",
            "method ",
            "file ",
            "name ",
            "type ");

    /** A name in quotes, with the word before it: "column 'name'" is a column, and no option. */
    private static final Pattern QUOTED =
            Pattern.compile("(the field |\\w+ )?'([a-z_0-9]+(?:\\[\\d+])?(?:\\.[^'\\s]+)?)'");

    /**
     * The words before a field of one word. Such a word may as well be a value of the user, as in "the file has no column for 'split'",
     * or in "'name' is not a metric".
     */
    private static final Set<String> BEFORE_FIELDS = Set.of(
            "set ",
            "give ",
            "correct ",
            "raise ",
            "lower ",
            "use ",
            "change ",
            "remove ",
            "in ",
            "out ",
            "with ",
            "and ",
            "or ",
            "needs ",
            "another ",
            "that ",
            "but ",
            "the field ");

    private static final Pattern BARE =
            Pattern.compile("(?<![\\w'\".=-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\\w'\"=.])");
    private static final Pattern NAMED = Pattern.compile("(?<![\\w-])--[a-z0-9-]+");
    private static final Pattern OBJECT = Pattern.compile("\\{(\"\\w+\": ?[^{}\\[\\]]+)}");
    private static final Pattern TEXT = Pattern.compile("(inputs|messages)(?:\\[(\\d+)])?(?:\\..*)?");
    private static final Pattern STEP = Pattern.compile("steps\\[(\\d+)](?:\\..*)?");
    private static final String METHODS = "(?:GET|POST|PUT|PATCH|DELETE)";
    private static final Pattern PATH =
            Pattern.compile("(?:" + METHODS + " )?/api/v1/(\\w+)(?:/([\\w%-]+)(?:/(\\w+))?)?");
    /** A sentence about a call for which there is no command. */
    private static final Pattern ONLY_FOR_THE_API =
            Pattern.compile("(?:^|(?<=[.:] ))[^.]*?(?:" + METHODS + " /|/api/v1/)\\S*[^.]*(?:\\.|$)");

    private Wording() {}

    private static Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        for (String name : List.of(
                "name",
                "revision",
                "config",
                "role",
                "project",
                "limit",
                "status",
                "kind",
                "split",
                "long_texts",
                "label_map",
                "compare_to",
                "generated_answers",
                "completions_only",
                "masking_probability",
                "whole_words",
                "redact",
                "drop_duplicates",
                "drop_near_duplicates",
                "remove_leakage")) {
            options.put(name, "--" + dashed(name));
        }
        for (RequestOptions each : List.of(
                FixOptions.ALL,
                GenerationOptions.ALL,
                ReportingOptions.ALL,
                TrainingOptions.JOB,
                TrainingOptions.HYPERPARAMETERS,
                UploadOptions.ALL)) {
            options.putAll(each.byField());
        }
        options.put("source", "the source");
        options.put("base_model", "--model");
        options.put("validation_dataset", "--validation");
        options.put("test_dataset", "--test");
        options.put("retain_dataset", "--retain");
        options.put("replay.dataset", "--replay");
        options.put("replay.share", "--replay-share");
        options.put("replay", "--replay");
        options.put("expires_in_days", "--days");
        options.put("multi_label", "--task-options multi_label");
        options.put("packing", "--task-options packing");
        options.put("calibrate", "--task-options calibrate");
        return options;
    }

    /**
     * Returns the option or argument for a field of a request. A field without one keeps its name.
     *
     * @param own the options of the command by their fields, if other commands have these under other names
     */
    static String option(String field, Map<String, String> own) {
        Matcher text = TEXT.matcher(field);
        if (text.matches()) {
            boolean one = text.group(1).equals("inputs") && text.group(2) != null;
            return one ? "TEXT " + (Integer.parseInt(text.group(2)) + 1) : "TEXT";
        }
        Matcher step = STEP.matcher(field);
        if (step.matches()) {
            return "step " + (Integer.parseInt(step.group(1)) + 1);
        }
        String path = field.startsWith("hyperparameters.") ? field.substring("hyperparameters.".length()) : field;
        String option = named(path, own);
        if (option != null) {
            return option;
        }
        int dot = path.indexOf('.');
        String whole = dot < 0 ? null : named(path.substring(0, dot), own);
        return whole == null ? field : whole + " " + path.substring(dot + 1) + "=…";
    }

    private static @Nullable String named(String field, Map<String, String> own) {
        String option = own.get(field);
        return option == null ? OPTIONS.get(field) : option;
    }

    /** Returns the options that a message names in the words of the command line. */
    public static Set<String> options(String message) {
        return NAMED.matcher(message)
                .results()
                .map(MatchResult::group)
                .filter(OPTIONS::containsValue)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Returns a sentence of the server with options and commands in place of fields and calls. */
    public static String message(String sentence) {
        return message(sentence, null, Map.of());
    }

    /**
     * Does the same in the words of a command.
     *
     * @param field the field that the sentence is about, if it is known
     * @param own the options of the command by their fields, if other commands have these under other names
     */
    static String message(String sentence, @Nullable String field, Map<String, String> own) {
        String flags = sentence.replace("set 'header' to false", "use --no-header");
        if ("prompt".equals(field) || "messages".equals(field)) { // elsewhere, these are roles of columns
            flags = flags.replace("'" + field + "'", "TEXT");
        }
        String bare = BARE.matcher(flags).replaceAll(match -> quoteReplacement(bare(match.group(1), own)));
        String options = QUOTED.matcher(bare).replaceAll(match -> quoteReplacement(name(bare, match, own)));
        String pairs = OBJECT.matcher(options).replaceAll(match -> quoteReplacement(pairs(match.group(1), own)));
        String commands = PATH.matcher(pairs).replaceAll(match -> quoteReplacement(command(match)));
        return ONLY_FOR_THE_API.matcher(commands).replaceAll("").strip();
    }

    private static String bare(String field, Map<String, String> own) {
        String option = field.equals("base_model") ? "base model" : named(field, own);
        return option == null ? field : option;
    }

    private static boolean isValue(String sentence, MatchResult match) {
        if (match.group(2).contains("_")) {
            return false;
        }
        String after = sentence.substring(match.end());
        boolean begins =
                match.start() == 0 || sentence.substring(0, match.start()).endsWith(". ");
        String before = match.group(1) == null ? "" : match.group(1).toLowerCase(Locale.ROOT);
        return after.startsWith(" is not ") || !begins && !BEFORE_FIELDS.contains(before);
    }

    private static String name(String sentence, MatchResult match, Map<String, String> own) {
        String before = match.group(1) == null ? "" : match.group(1);
        String field = match.group(2);
        String option = field.equals("messages") ? field : option(field, own);
        if (option.equals(field) || NOUNS.contains(before) || OPTIONS.containsKey(field) && isValue(sentence, match)) {
            return match.group();
        }
        String named = (before.endsWith("field ") ? "" : before) + option;
        return match.start() == 0 && named.startsWith("the ") ? "T" + named.substring(1) : named;
    }

    /** Returns pairs as an option takes them, or the option of a command for the only pair. */
    private static String pairs(String fields, Map<String, String> own) {
        String pairs =
                fields.replaceAll("\"(\\w+)\": ?\"?([^\",]*)\"?", "$1=$2").replace(", ", ",");
        String name = pairs.replaceFirst("=.*", "");
        return own.entrySet().stream()
                .filter(option -> option.getKey().endsWith("." + name) && !pairs.contains(","))
                .map(option ->
                        option.getValue() + pairs.substring(name.length()).replaceFirst("=", " "))
                .findFirst()
                .orElse(pairs);
    }

    /** Returns the command for a call, or the call if there is none. */
    private static String command(MatchResult match) {
        String kind = match.group(1);
        String id = match.group(2);
        if (!Set.of("datasets", "jobs", "models", "workers", "projects", "keys").contains(kind)) {
            return match.group();
        }
        if (id == null || Set.of("workers", "projects", "keys").contains(kind)) {
            return "`" + Shell.anneal(kind) + "`";
        }
        String verb = switch (String.valueOf(match.group(3))) {
            case "problems", "versions" -> "datasets " + match.group(3);
            case "rows" -> "datasets browse";
            case "statistics" -> "datasets stats";
            case "predict", "generate", "report", "checkpoints" -> match.group(3);
            default -> kind.substring(0, kind.length() - 1);
        };
        return "`" + Shell.anneal(verb + " " + id) + "`";
    }

    private static String quoteReplacement(String text) {
        return Matcher.quoteReplacement(text);
    }

    private static String dashed(String name) {
        return name.replace('_', '-');
    }
}
