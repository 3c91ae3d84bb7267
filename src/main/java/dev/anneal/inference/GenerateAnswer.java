package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage.Generated;

/** The generated text, why it ended, how many tokens were used, and the seed that reproduces it. */
record GenerateAnswer(String model, String text, String finishReason, Usage usage, long seed) {
    record Usage(int promptTokens, int completionTokens) {}

    static GenerateAnswer of(String model, Generated generated, long seed) {
        return new GenerateAnswer(
                model,
                generated.text(),
                generated.finishReason(),
                new Usage(generated.promptTokens(), generated.completionTokens()),
                seed);
    }
}
