package dev.anneal.dataset.file;

import dev.anneal.web.JsonFields;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The split that a request asks for: the shares of the rows for validation and test; the rest is for training.
 *
 * @param method null if the columns decide it: groups, or else times, or else labels
 * @param folds into how many parts the rows are divided, if the method is k_fold
 * @param fold which of them is for test, from 1
 */
public record SplitOptions(
        @Nullable SplitMethod method, double validation, double test, long seed, int folds, int fold) {
    public static final SplitOptions DEFAULT = new SplitOptions(null, 0.1, 0.1, 42, 0, 0);

    private static final int MAX_FOLDS = 50;

    /** Parses the form's JSON. Returns null if there is none. */
    static @Nullable SplitOptions parse(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return null;
        }
        JsonFields fields = UploadRequest.parse("split", json);
        SplitOptions options = read(fields, "split");
        fields.refuseUnknown();
        fields.done();
        return options;
    }

    /** Reads the options from an object, whose name messages need. */
    public static SplitOptions read(JsonFields fields, String name) {
        SplitMethod method = method(fields);
        Double validation = fields.number("validation", 0, 1);
        Double test = fields.number("test", 0, 1);
        Integer seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        Integer folds = fields.integer("folds", 2, MAX_FOLDS);
        Integer fold = fields.integer("fold", 1, MAX_FOLDS);
        boolean isFold = method == SplitMethod.K_FOLD;
        checkFolds(fields, isFold, folds, fold);
        double share = fields.has("validation") || fields.has("test") || isFold ? 0 : DEFAULT.validation;
        SplitOptions options = new SplitOptions(
                method,
                validation == null ? share : validation,
                test == null ? share : test,
                seed == null ? DEFAULT.seed : seed,
                folds == null ? 0 : folds,
                fold == null ? 0 : fold);
        if (options.validation + options.test > 1) {
            fields.wrong(
                    "",
                    "conflicting_options",
                    "The shares of '" + name + "' add up to more than 1. Lower one of them.");
        }
        return options;
    }

    private static @Nullable SplitMethod method(JsonFields fields) {
        String method = fields.choice("method", SplitMethod.NAMES);
        String order = fields.choice("order", List.of("random", "file"));
        if (fields.has("method") && fields.has("order")) {
            fields.wrong(
                    "order", "conflicting_options", "may not be given together with 'method'. Leave one of them out");
        }
        if (method != null) {
            return SplitMethod.valueOf(method.toUpperCase(Locale.ROOT));
        }
        return "file".equals(order) ? SplitMethod.FILE_ORDER : order == null ? null : SplitMethod.STRATIFIED;
    }

    private static void checkFolds(JsonFields fields, boolean isFold, @Nullable Integer folds, @Nullable Integer fold) {
        for (String field : List.of("folds", "fold")) {
            if (isFold && !fields.has(field)) {
                fields.wrong(field, "missing_option", "is required for the method k_fold");
            } else if (!isFold && fields.has(field)) {
                fields.wrong(
                        field, "conflicting_options", "is only for the method k_fold. Set 'method', or leave it out");
            }
        }
        if (isFold && folds != null && fold != null && fold > folds) {
            fields.wrong(
                    "fold",
                    "conflicting_options",
                    "must be a whole number from 1 to " + folds + ", the number of folds");
        }
        if (isFold && fields.has("test")) {
            fields.wrong(
                    "test",
                    "conflicting_options",
                    "may not be given for the method k_fold, because the fold is for test. Leave it out");
        }
    }
}
