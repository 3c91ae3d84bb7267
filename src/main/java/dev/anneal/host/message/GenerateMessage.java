package dev.anneal.host.message;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prompt or a conversation to continue (the other is null), and how. The result is a {@link Generated}.
 *
 * @param logprobs the number of likeliest tokens to return for each token; null for no probabilities at all
 */
public record GenerateMessage(
        @Nullable String prompt,
        @Nullable List<Map<String, Object>> messages,
        int maxNewTokens,
        double temperature,
        double topP,
        int topK,
        List<String> stop,
        long seed,
        @Nullable Integer logprobs) {
    /**
     * A generated text, why it ended ({@code stop} or {@code length}), the tokens of prompt and answer, and, if they were
     * requested, the probabilities of the tokens of the answer.
     */
    public record Generated(
            String text,
            String finishReason,
            int promptTokens,
            int completionTokens,
            @Nullable List<Scored> logprobs) {}

    /** A token of the answer, its natural log probability before temperature, and the likeliest tokens in its place. */
    public record Scored(int id, String text, double logprob, List<Candidate> likeliest) {}

    /** One of the likeliest tokens. */
    public record Candidate(int id, String text, double logprob) {}
}
