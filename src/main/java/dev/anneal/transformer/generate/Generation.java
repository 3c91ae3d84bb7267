package dev.anneal.transformer.generate;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A generated text, why it ended, and the number of tokens of the prompt and of the answer (including the end token). */
public record Generation(String text, FinishReason finishReason, int promptTokens, int completionTokens) {
    /** The reason why generation ended. */
    public enum FinishReason {
        /** The model produced an end token, or the text contains a stop text. */
        @JsonProperty("stop")
        STOP,
        /** The limit of new tokens or of the model's positions is reached. */
        @JsonProperty("length")
        LENGTH,
        /** The caller cancelled it. */
        @JsonProperty("cancelled")
        CANCELLED
    }
}
