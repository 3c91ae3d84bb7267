package dev.anneal.transformer.generate;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a text went on, why it ended there, and how many tokens went in and came out (the one that ended it included). */
public record Generation(String text, FinishReason finishReason, int promptTokens, int completionTokens) {
    /** Why a text ended. */
    public enum FinishReason {
        /** The model said that it is done, or the text came to a stop text. */
        @JsonProperty("stop")
        STOP,
        /** There may not be, or the model has no positions for, more tokens. */
        @JsonProperty("length")
        LENGTH
    }
}
