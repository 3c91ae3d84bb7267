package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage.Generated;
import dev.anneal.host.message.GenerateMessage.Scored;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The generated text, why it ended, how many tokens were used, the seed that reproduces it, and the probabilities of its tokens;
 * null if they were not requested.
 */
record GenerateAnswer(
        String model,
        String text,
        String finishReason,
        Usage usage,
        long seed,
        @Nullable List<Scored> logprobs) {
    record Usage(int promptTokens, int completionTokens) {}

    static GenerateAnswer of(String model, Generated generated, long seed) {
        return new GenerateAnswer(
                model,
                generated.text(),
                generated.finishReason(),
                new Usage(generated.promptTokens(), generated.completionTokens()),
                seed,
                generated.logprobs());
    }
}
