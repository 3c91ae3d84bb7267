package dev.anneal.host.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's prediction for a text, with only the fields of its task. Single-label: the likeliest {@code label}, its
 * {@code score}, and the probabilities of the likeliest labels, best first. Multi-label: the labels with a probability above
 * one half, and the probabilities. Regression: {@code value}. Token classification: {@code entities}. {@code truncated} says
 * whether tokens of the text were left out.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Prediction(
        @Nullable String label,
        @Nullable Double score,
        @Nullable List<String> labels,
        @Nullable Map<String, Double> scores,
        @Nullable Double value,
        @Nullable List<Entity> entities,
        boolean truncated,
        int tokensLeftOut) {

    /** An entity from Unicode code point {@code start} up to before {@code end}. Its score is the mean probability of its words' tags. */
    public record Entity(String label, String text, int start, int end, double score) {}
}
