package dev.anneal.inference;

import dev.anneal.host.message.PredictMessage.Input;
import dev.anneal.inference.TextChecks.Limit;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request for predictions: the texts, how many labels to return for each (null for all), and how to treat long ones. */
record PredictRequest(
        List<Input> inputs,
        @Nullable Integer topK,
        @Nullable LongTexts longTexts) {
    private static final Set<String> FIELDS = Set.of("text", "text_pair", "tokens");
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "input", "inputs",
            "text", "inputs",
            "texts", "inputs",
            "prompt", "inputs",
            "sentences", "inputs",
            "sequences", "inputs",
            "instances", "inputs");

    static PredictRequest of(JsonNode body, int maxInputs, int maxCharacters) {
        JsonFields fields = new JsonFields(body, OTHER_NAMES);
        JsonNode inputs = fields.get("inputs");
        List<Input> read = new ArrayList<>();
        if (inputs == null || !inputs.isArray() || inputs.isEmpty()) {
            fields.wrong("inputs", "required", "must be a list with at least one text");
        } else if (TextChecks.requireWithin(fields, "inputs", inputs.size(), Limit.INPUTS, maxInputs)) {
            for (int i = 0; i < inputs.size(); i++) {
                Input input = input(fields, "inputs[" + i + "]", inputs.get(i), maxCharacters);
                if (input != null) {
                    read.add(input);
                }
            }
        }
        Integer topK = fields.integer("top_k", 1, Integer.MAX_VALUE);
        String longTexts = fields.choice(LongTexts.FIELD, LongTexts.NAMES);
        fields.refuseUnknown();
        fields.done();
        return new PredictRequest(read, topK, longTexts == null ? null : LongTexts.of(longTexts));
    }

    /** Refuses what a model for a task would ignore. */
    void requireTask(@Nullable String task) {
        List<Problem.Error> errors = new ArrayList<>();
        boolean isTagger = Task.TOKEN_CLASSIFICATION.text().equals(task);
        if (isTagger && longTexts == LongTexts.TRUNCATE) {
            errors.add(notOfTask(
                    LongTexts.FIELD, "A model for %s never truncates texts. Omit 'long_texts'.".formatted(task)));
        }
        if (topK != null && (isTagger || Task.TEXT_REGRESSION.text().equals(task))) {
            errors.add(notOfTask("top_k", "A model for %s gives no scores of labels. Omit 'top_k'.".formatted(task)));
        }
        for (int i = 0; isTagger && i < inputs.size(); i++) {
            if (inputs.get(i).textPair() != null) {
                errors.add(notOfTask(
                        "inputs[" + i + "].text_pair",
                        "A model for %s takes no pairs of texts. Omit 'text_pair'.".formatted(task)));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }

    private static Problem.Error notOfTask(String field, String message) {
        return Problem.Error.field(field, "not_of_task", message);
    }

    /** Returns the number of characters of all texts; a word that is given by itself counts as ten more. */
    long characters() {
        return inputs.stream()
                .mapToLong(input -> input.text().length()
                        + (input.tokens() == null ? 0 : 10L * input.tokens().size())
                        + (input.textPair() == null ? 0 : input.textPair().length()))
                .sum();
    }

    private static @Nullable Input input(JsonFields fields, String at, JsonNode node, int maxCharacters) {
        JsonNode text = node.isObject() ? given(node, "text") : node;
        JsonNode pair = given(node, "text_pair");
        JsonNode tokens = given(node, "tokens");
        boolean known = !node.isObject() || FIELDS.containsAll(node.propertyNames());
        if (known && tokens != null && text == null && pair == null) {
            return words(fields, at, tokens, maxCharacters);
        }
        if (!known || tokens != null || text == null || !text.isString() || (pair != null && !pair.isString())) {
            fields.wrong(at, "invalid_type", "must be a text, {\"text\": …, \"text_pair\": …} or {\"tokens\": […]}");
            return null;
        }
        int length = text.stringValue().length()
                + (pair == null ? 0 : pair.stringValue().length());
        TextChecks.requireWithin(fields, at, length, Limit.CHARACTERS, maxCharacters);
        TextChecks.notBlank(fields, at, text.stringValue(), maxCharacters);
        TextChecks.whole(fields, at, text.stringValue(), pair == null ? "" : pair.stringValue());
        return new Input(text.stringValue(), pair == null ? null : pair.stringValue(), null);
    }

    /** Returns the value of a field unless it is absent or JSON null. */
    private static @Nullable JsonNode given(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.get(field) : null;
    }

    private static Input words(JsonFields fields, String at, JsonNode tokens, int maxCharacters) {
        boolean good = tokens.isArray() && !tokens.isEmpty();
        int length = 0;
        List<String> words = new ArrayList<>();
        for (JsonNode token : tokens) {
            good &= token.isString() && !token.stringValue().isBlank();
            words.add(token.asString(""));
            length += words.get(words.size() - 1).length() + 1;
        }
        TextChecks.requireWithin(fields, at, length, Limit.CHARACTERS, maxCharacters);
        if (!good) {
            fields.wrong(at, "invalid_value", "must be a list of non-empty words");
        }
        TextChecks.whole(fields, at, words.toArray(String[]::new));
        return new Input(String.join(" ", words), null, words);
    }
}
