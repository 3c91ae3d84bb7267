package dev.anneal.host.message;

import dev.anneal.transformer.architecture.LongTexts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The texts to predict for, how many labels to return for each (null for all), and how long texts are treated (null as in
 * training). The result is a list of {@link Prediction}.
 */
public record PredictMessage(
        List<Input> inputs,
        @Nullable Integer topK,
        @Nullable LongTexts longTexts) {
    /** A text, a pair of texts, or a text as words. Fields that are not given are null. */
    public record Input(
            String text,
            @Nullable String textPair,
            @Nullable List<String> tokens) {}
}
