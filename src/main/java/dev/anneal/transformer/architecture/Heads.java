package dev.anneal.transformer.architecture;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shared parts of the heads of all encoders. */
final class Heads {
    private Heads() {}

    /** Returns the file of {@code /programs} that computes the scores and the loss of a task. */
    static @Nullable String program(Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> "classification";
            case MULTI_LABEL -> "multi_label";
            case TEXT_REGRESSION -> "regression";
            case TOKEN_CLASSIFICATION -> "token_classification";
            case MASKED_LM -> "masked_lm";
            case CAUSAL_LM -> null;
        };
    }

    /** Returns the suffix of the class in transformers. */
    static String suffix(Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION, MULTI_LABEL, TEXT_REGRESSION -> "SequenceClassification";
            case TOKEN_CLASSIFICATION -> "TokenClassification";
            case MASKED_LM -> "MaskedLM";
            case CAUSAL_LM -> "CausalLM";
        };
    }

    /** Maps weight and bias of a layer to their names in a file. */
    static void name(Map<String, String> names, String layer, String fileLayer) {
        names.put(layer + ".weight", fileLayer + ".weight");
        names.put(layer + ".bias", fileLayer + ".bias");
    }
}
