package dev.anneal.host.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The texts to predict for, and how many labels to return for each (null for all). The result is a list of {@link Prediction}. */
public record PredictMessage(List<Input> inputs, @Nullable Integer topK) {
    /** A text, a pair of texts, or a text as words. Fields that are not given are null. */
    public record Input(
            String text,
            @Nullable String textPair,
            @Nullable List<String> tokens) {}
}
