package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the rows of a dataset are, and thereby which tasks can learn from them. */
enum RowKind {
    LABEL("texts with one label each", Task.TEXT_CLASSIFICATION, true),
    LABELS("texts with any number of labels", Task.MULTI_LABEL, true),
    SCORE("texts with a score", Task.TEXT_REGRESSION, true),
    TAGS("words with tags", Task.TOKEN_CLASSIFICATION, false),
    TEXT("texts", Task.MASKED_LM, true),
    COMPLETIONS("prompts with completions", Task.CAUSAL_LM, false),
    MESSAGES("conversations", Task.CAUSAL_LM, false);

    private final String words;
    private final Task task;
    private final boolean text;

    RowKind(String words, Task task, boolean text) {
        this.words = words;
        this.task = task;
        this.text = text;
    }

    static RowKind of(Dataset dataset) {
        Map<String, String> columns = dataset.columns();
        return switch (dataset.task()) {
            case "text-classification" -> columns.containsKey("labels") ? LABELS : LABEL;
            case "text-regression" -> SCORE;
            case "token-classification" -> TAGS;
            case "causal-lm" ->
                columns.containsKey("messages") ? MESSAGES : columns.containsKey("prompt") ? COMPLETIONS : TEXT;
            default -> TEXT;
        };
    }

    /** Any rows with a text can teach a language model. */
    boolean serves(Task wanted) {
        return wanted == task || text && wanted.isLanguageModel();
    }

    /** Whether rows of the other kind can be evaluated with where these were learned from. */
    boolean agreesWith(RowKind other, Task learned) {
        return other == this || learned.isLanguageModel() && text && other.text;
    }

    String words() {
        return words;
    }

    List<String> tasks() {
        return Stream.of(Task.values()).filter(this::serves).map(Tasks::nameOf).toList();
    }

    /** The kinds that a task can learn from, in words. */
    static String wantedBy(Task task) {
        return String.join(
                " or ",
                Stream.of(values())
                        .filter(kind -> kind.task == task || kind == TEXT && task.isLanguageModel())
                        .map(RowKind::words)
                        .toList());
    }
}
