package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.spec.JobSpec;
import dev.anneal.text.Csv;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Predictions as lines of CSV. A list of labels is joined with bars, other lists are JSON.
 *
 * @param columns the fields of a row that have a column each
 * @param kept the columns that are kept with the rows
 * @param labels the labels whose scores have a column each
 */
record PredictionCsv(List<String> columns, List<String> kept, List<String> labels) {
    /** The most labels that have a column each. If there are more, there is only the score of the predicted one. */
    private static final int MOST_LABELS = 100;

    /** @param first the first row, which has the same columns as all others; a missing node if there is none */
    static PredictionCsv of(Job job, JsonNode first) {
        JobSpec spec = job.spec();
        boolean isLabelled = job.kind() != JobKind.prediction;
        List<String> columns = new ArrayList<>(List.of("number", "split", "file", "line"));
        if (job.kind() == JobKind.training) {
            columns.add("fold");
        }
        if (first.has("group")) {
            columns.add("group");
        }
        columns.addAll(
                switch (spec.task()) {
                    case TOKEN_CLASSIFICATION -> List.of("text", "tokens");
                    case CAUSAL_LM -> List.of("text", "prompt", "completion", "messages");
                    default -> List.of("text", "text_pair");
                });
        switch (spec.task()) {
            case TEXT_CLASSIFICATION ->
                columns.addAll(isLabelled ? List.of("label", "predicted_label", "right") : List.of("predicted_label"));
            case MULTI_LABEL ->
                columns.addAll(
                        isLabelled ? List.of("labels", "predicted_labels", "right") : List.of("predicted_labels"));
            case TEXT_REGRESSION ->
                columns.addAll(isLabelled ? List.of("score", "predicted_score") : List.of("predicted_score"));
            case CAUSAL_LM -> {
                columns.addAll(List.of("token_count", "loss", "perplexity", "token_accuracy"));
                if (PredictionFilter.hasAnswers(spec)) {
                    columns.addAll(List.of("expected", "answer", "answer_cut", "right", "rouge_l", "chrf"));
                }
            }
            default ->
                columns.addAll(isLabelled ? List.of("tags", "predicted_tags", "right") : List.of("predicted_tags"));
        }
        boolean hasScores = spec.task() == Task.TEXT_CLASSIFICATION || spec.task() == Task.MULTI_LABEL;
        List<String> labels = hasScores && spec.labels().size() <= MOST_LABELS ? spec.labels() : List.of();
        if (hasScores && labels.isEmpty() && spec.task() == Task.TEXT_CLASSIFICATION) {
            columns.add("predicted_probability");
        }
        return new PredictionCsv(columns, List.copyOf(first.path("kept").propertyNames()), labels);
    }

    String header() {
        return join(
                columns,
                kept.stream().map(column -> Csv.text("kept_" + column)).toList(),
                labels.stream().map(label -> Csv.text("score_" + label)).toList());
    }

    String line(JsonNode row) {
        return join(
                columns.stream().map(column -> field(row, column)).toList(),
                kept.stream()
                        .map(column -> Csv.text(row.path("kept").path(column).asString("")))
                        .toList(),
                labels.stream()
                        .map(label -> row.path("scores").path(label).asString(""))
                        .toList());
    }

    private static String join(List<String> columns, List<String> kept, List<String> scores) {
        return Stream.of(columns, kept, scores).flatMap(List::stream).collect(Collectors.joining(",", "", "\r\n"));
    }

    /** Returns a field. A number may begin with a minus, and is no formula. */
    private static String field(JsonNode row, String column) {
        String cell = cell(row, column);
        return row.path(column).isNumber() ? cell : Csv.text(cell);
    }

    private static String cell(JsonNode row, String column) {
        if (column.equals("predicted_probability")) {
            return row.path("scores")
                    .path(row.path("predicted_label").asString(""))
                    .asString("");
        }
        JsonNode value = row.path(column);
        if (!value.isArray()) {
            return value.asString("");
        }
        boolean isPlain = column.endsWith("labels")
                && value.valueStream().noneMatch(item -> item.asString("").contains("|"));
        return isPlain
                ? value.valueStream().map(item -> item.asString("")).collect(Collectors.joining("|"))
                : value.toString();
    }
}
