package dev.anneal.cli.option;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The options that say how a file becomes a dataset. */
public final class UploadOptions {
    static final OptionType TASK = OptionType.choice(
            "text-classification", "text-regression", "token-classification", "causal-lm", "masked-lm");

    public static final RequestOptions ALL = new RequestOptions(
            new RequestOption(
                    "task",
                    "TASK",
                    TASK,
                    "text-classification, text-regression, token-classification, causal-lm or masked-lm"
                            + " (default: told by the columns)."),
            new RequestOption(
                    "columns",
                    "ROLE=COLUMN,…",
                    OptionType.pairs(roles()),
                    "Which column holds what, for example text=review,label=stars or labels=toxic+insult. Roles: "
                            + String.join(", ", roles().keySet()) + " (default: the usual names of such columns)."),
            new RequestOption(
                    "split",
                    "PART=SHARE,…",
                    OptionType.pairs(split()),
                    "Shares of the rows to hold out (default: validation=0.1,test=0.1,seed=42). method=group keeps the rows"
                            + " of a group together, method=time holds out the latest ones, and method=content_hash keeps"
                            + " a text where it is if rows are added. method=k_fold,folds=5,fold=1 holds out the first of"
                            + " five parts, order=file the last rows (default: stratified by label)."),
            new RequestOption(
                    "format",
                    "FORMAT",
                    OptionType.choice(
                            "csv", "tsv", "conll", "jsonl", "json", "text", "lines", "xlsx", "parquet", "folders"),
                    "csv, tsv, conll, jsonl, json, text, lines, xlsx, parquet, or folders for a zip with a folder of texts for"
                            + " each label (default: told by the file)."),
            new RequestOption(
                    "encoding",
                    "ENCODING",
                    OptionType.choice(
                            "utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "latin-1", "windows-1252"),
                    "utf-8, utf-16, utf-16le, utf-16be, iso-8859-1, latin-1 or windows-1252 (default: UTF-8, or UTF-16"
                            + " if the file looks so)."),
            new RequestOption(
                    "delimiter",
                    "CHARACTER",
                    OptionType.text(),
                    "Delimiter of CSV: one character, tab, or first-space, which splits each line into two columns at its"
                            + " first space (default: told by the file)."),
            RequestOption.flag(
                    "no-header",
                    "header",
                    false,
                    "The first line is a row. The columns are called column_1, column_2 and so on."),
            new RequestOption(
                    "label-names",
                    "NUMBER=NAME,…",
                    names(),
                    "Names of labels or tags that are numbers in the file, for example 0=negative,1=positive, or a JSON"
                            + " list."),
            new RequestOption(
                    "label-until",
                    "TEXT",
                    OptionType.text(),
                    "Cut labels before this text. With : the label NUM:dist becomes NUM."),
            new RequestOption(
                    "label-separator",
                    "TEXT",
                    OptionType.text(),
                    "Rows have several labels, with this text between them. With ; the value sport;news is two labels."),
            new RequestOption(
                    "file-labels",
                    "FILE=LABEL,…",
                    OptionType.pairs(OptionType.text()),
                    "The label of all rows of a file, for example good.txt=positive,bad.txt=negative. Each line of such a"
                            + " file is a text."),
            new RequestOption(
                    "checks",
                    "NAME=VALUE,…",
                    OptionType.pairs(
                            Map.of("near_duplicates", OptionType.flag(), "similarity", OptionType.number(0.5, 1))),
                    "Whether rows that are almost the same are searched, and from which similarity on"
                            + " (default: near_duplicates=true,similarity=0.8)."),
            new RequestOption(
                    "on-error",
                    "ACTION",
                    OptionType.choice("reject", "skip"),
                    "What to do about bad rows: reject the file, or skip these rows (default: reject)."),
            new RequestOption(
                    "max-skipped",
                    "N",
                    OptionType.number(0, 1e9),
                    "With --on-error skip: how many rows may be skipped, as a share below 1 or as a number (default: 0.01)."));

    private UploadOptions() {}

    /** A JSON list of names, or pairs. */
    private static OptionType names() {
        OptionType pairs = OptionType.pairs(OptionType.text());
        return (option, value) ->
                value.startsWith("[") ? OptionType.NODES.stringNode(value) : pairs.read(option, value);
    }

    private static Map<String, OptionType> roles() {
        Map<String, OptionType> roles = new LinkedHashMap<>();
        for (String role : new String[] {
            "text",
            "text_pair",
            "label",
            "labels",
            "score",
            "tokens",
            "tags",
            "messages",
            "prompt",
            "completion",
            "group",
            "time",
            "kept",
            "split"
        }) {
            roles.put(role, columns());
        }
        return roles;
    }

    /** A column, or several with {@code +} between them or as a JSON list. */
    private static OptionType columns() {
        OptionType several = OptionType.list();
        return (option, value) -> {
            JsonNode names = several.read(option, value);
            return names.size() == 1 ? names.get(0) : names;
        };
    }

    static Map<String, OptionType> split() {
        Map<String, OptionType> split = new LinkedHashMap<>();
        split.put("validation", OptionType.number(0, 1));
        split.put("test", OptionType.number(0, 1));
        split.put("seed", OptionType.whole(0, Integer.MAX_VALUE));
        split.put("method", OptionType.choice("stratified", "group", "time", "content_hash", "k_fold"));
        split.put("order", OptionType.choice("random", "file"));
        split.put("folds", OptionType.whole(2, 50));
        split.put("fold", OptionType.whole(1, 50));
        return split;
    }
}
