package dev.anneal.cli.option;

import java.util.LinkedHashMap;
import java.util.Map;

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
                    "Which column holds what, for example text=review,label=stars. Roles: "
                            + String.join(", ", roles().keySet()) + " (default: the usual names of such columns)."),
            new RequestOption(
                    "split",
                    "PART=SHARE,…",
                    OptionType.pairs(split()),
                    "Shares of the rows to hold out (default: validation=0.1,test=0.1,seed=42,order=random)."
                            + " With order=file the first rows are for training."));

    private UploadOptions() {}

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
            "split"
        }) {
            roles.put(role, OptionType.text());
        }
        return roles;
    }

    private static Map<String, OptionType> split() {
        Map<String, OptionType> split = new LinkedHashMap<>();
        split.put("validation", OptionType.number(0, 1));
        split.put("test", OptionType.number(0, 1));
        split.put("seed", OptionType.whole(0, Integer.MAX_VALUE));
        split.put("order", OptionType.choice("random", "file"));
        return split;
    }
}
