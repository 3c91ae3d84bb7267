package dev.anneal.host.message;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A prompt or a conversation to continue (the other is null), and how. The result is a {@link Generated}. */
public record GenerateMessage(
        @Nullable String prompt,
        @Nullable List<Map<String, Object>> messages,
        int maxNewTokens,
        double temperature,
        double topP,
        int topK,
        List<String> stop,
        long seed) {
    /** A generated text, why it ended ({@code stop} or {@code length}), and the tokens of prompt and answer. */
    public record Generated(String text, String finishReason, int promptTokens, int completionTokens) {}
}
