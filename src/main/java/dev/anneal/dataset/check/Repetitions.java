package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.Duplicates;

/** The codes and messages of repetitions. */
final class Repetitions {
    private Repetitions() {}

    static String code(Duplicates.Kind kind) {
        return switch (kind) {
            case DUPLICATE -> "duplicate";
            case CONFLICT -> "conflicting_label";
            case LEAKAGE -> "leakage";
            case NEAR_DUPLICATE -> "near_duplicate";
            case NEAR_LEAKAGE -> "near_leakage";
        };
    }

    static String message(Duplicates.Kind kind, String line, double similarity, boolean sameLabel, boolean drawn) {
        String label = sameLabel ? "" : ", which has another label";
        // Rounded down, so that no pair that differs is 100 % the same.
        int percent = (int) (similarity * 100);
        String fix = drawn
                ? " The splits were drawn at random. Remove duplicates, or give the split of each row."
                : " Remove one of them.";
        return switch (kind) {
            case DUPLICATE -> "The row repeats %s.".formatted(line);
            case CONFLICT -> "The row repeats the text of %s, but has another label.".formatted(line);
            case LEAKAGE ->
                "The row is for evaluation, but its text is also in %s, which is for training%s.%s"
                        .formatted(line, label, fix);
            case NEAR_DUPLICATE -> "The text is %d %% the same as in %s%s.".formatted(percent, line, label);
            case NEAR_LEAKAGE ->
                "The row is for evaluation, but its text is %d %% the same as in %s, which is for training%s.%s"
                        .formatted(percent, line, label, fix);
        };
    }
}
