package dev.anneal.inference;

import dev.anneal.transformer.generate.Generation;

/** The new text, why it ended, what it cost in tokens, and the seed that makes the same text again. */
record GenerateAnswer(String model, String text, Generation.FinishReason finishReason, Usage usage, long seed) {
    record Usage(int promptTokens, int completionTokens) {
        static Usage of(Generation generation) {
            return new Usage(generation.promptTokens(), generation.completionTokens());
        }
    }

    static GenerateAnswer of(String model, Generation generation, long seed) {
        return new GenerateAnswer(model, generation.text(), generation.finishReason(), Usage.of(generation), seed);
    }
}
