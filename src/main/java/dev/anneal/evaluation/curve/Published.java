package dev.anneal.evaluation.curve;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds the validation whose model is published. */
public final class Published {
    private Published() {}

    /** Returns whether the best epoch is that of a validation. That of an earlier version names no step: it is the end of its epoch. */
    public static boolean isOf(@Nullable JsonNode best, JsonNode metrics) {
        if (best == null) {
            return false;
        }
        if (best.path("step").isNumber()) {
            return best.path("step").asInt() == metrics.path("step").asInt();
        }
        return best.path("epoch").isNumber()
                && best.path("epoch").asInt() == metrics.path("epoch").asInt()
                && !metrics.path("within_epoch").asBoolean(false);
    }
}
