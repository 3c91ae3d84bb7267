package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The kinds of rows that a dataset may have, each with the tasks that can be trained on it. */
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

    /** Returns whether the task can be trained on such rows. Any rows with a text can train a language model. */
    boolean serves(Task wanted) {
        return wanted == task || text && wanted.isLanguageModel();
    }

    /** Returns whether rows of the other kind can evaluate a model that was trained on these. */
    boolean agreesWith(RowKind other, Task trained) {
        return other == this || trained.isLanguageModel() && text && other.text;
    }

    /** Returns whether such rows can show what a model forgot that was trained for the task. */
    boolean showsForgetting(Task trained) {
        return trained == Task.CAUSAL_LM ? serves(trained) : text || this == TAGS;
    }

    /** Returns whether the rows have answers that a model can be asked for. */
    boolean hasAnswers() {
        return this == COMPLETIONS || this == MESSAGES;
    }

    boolean hasText() {
        return text;
    }

    String words() {
        return words;
    }

    List<String> tasks() {
        return Stream.of(Task.values()).filter(this::serves).map(Tasks::nameOf).toList();
    }

    /** Returns the kinds of rows that can train the task, in words. */
    static String wantedBy(Task task) {
        return String.join(
                " or ",
                Stream.of(values())
                        .filter(kind -> kind.task == task || kind == TEXT && task.isLanguageModel())
                        .map(RowKind::words)
                        .toList());
    }
}
