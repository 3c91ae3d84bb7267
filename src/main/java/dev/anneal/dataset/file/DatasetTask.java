package dev.anneal.dataset.file;

import java.util.Arrays;
import java.util.List;

/** The task of a dataset, and the roles that its columns can have. */
public enum DatasetTask {
    TEXT_CLASSIFICATION(
            "text-classification", "text", "text_pair", "label", "labels", "group", "time", "kept", "split"),
    TEXT_REGRESSION("text-regression", "text", "text_pair", "score", "group", "time", "kept", "split"),
    TOKEN_CLASSIFICATION("token-classification", "tokens", "tags", "group", "time", "kept", "split"),
    CAUSAL_LM("causal-lm", "text", "prompt", "completion", "messages", "group", "time", "kept", "split"),
    MASKED_LM("masked-lm", "text", "text_pair", "group", "time", "kept", "split");

    static final List<String> NAMES =
            Arrays.stream(values()).map(DatasetTask::text).toList();

    private final String text;
    private final List<String> roles;

    DatasetTask(String text, String... roles) {
        this.text = text;
        this.roles = List.of(roles);
    }

    /** Returns the task with this name on the wire. */
    public static DatasetTask of(String text) {
        return values()[NAMES.indexOf(text)];
    }

    /** Returns the name on the wire. */
    public String text() {
        return text;
    }

    List<String> roles() {
        return roles;
    }

    /** Returns whether plain text without columns is enough. */
    boolean isLanguageModel() {
        return this == CAUSAL_LM || this == MASKED_LM;
    }
}
