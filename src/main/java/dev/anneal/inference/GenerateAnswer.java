package dev.anneal.inference;

import dev.anneal.transformer.generate.Generation;

/** The generated text, why it ended, how many tokens were used, and the seed that reproduces it. */
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
