package dev.anneal.cli.option;

import java.util.LinkedHashMap;
import java.util.Map;

/** The options that say how a file becomes a dataset. */
public final class UploadOptions {
    static final Kind TASK =
            Kind.choice("text-classification", "text-regression", "token-classification", "causal-lm", "masked-lm");

    public static final Settings ALL = new Settings(
            new Setting(
                    "task",
                    "TASK",
                    TASK,
                    "text-classification, text-regression, token-classification, causal-lm or masked-lm"
                            + " (default: told by the columns)."),
            new Setting(
                    "columns",
                    "ROLE=COLUMN,…",
                    Kind.pairs(roles()),
                    "Which column holds what, for example text=review,label=stars. Roles: "
                            + String.join(", ", roles().keySet()) + " (default: the usual names of such columns)."),
            new Setting(
                    "split",
                    "PART=SHARE,…",
                    Kind.pairs(split()),
                    "Shares of the rows to hold out (default: validation=0.1,test=0.1,seed=42,order=random)."
                            + " With order=file the first rows are for training."));

    private UploadOptions() {}

    private static Map<String, Kind> roles() {
        Map<String, Kind> roles = new LinkedHashMap<>();
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
            roles.put(role, Kind.text());
        }
        return roles;
    }

    private static Map<String, Kind> split() {
        Map<String, Kind> split = new LinkedHashMap<>();
        split.put("validation", Kind.number(0, 1));
        split.put("test", Kind.number(0, 1));
        split.put("seed", Kind.whole(0, Integer.MAX_VALUE));
        split.put("order", Kind.choice("random", "file"));
        return split;
    }
}
