package dev.anneal.dataset.file;

import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The split of a dataset that an upload asks for: the shares of the rows for validation and test; the rest is for training.
 * Rows are drawn at random by the seed. If {@code inOrder}, the first rows of the file are for training, the next for
 * validation and the last for test.
 */
public record SplitOptions(double validation, double test, long seed, boolean inOrder) {
    public static final SplitOptions DEFAULT = new SplitOptions(0.1, 0.1, 42, false);

    /** Parses the form's JSON. Returns null if there is none. */
    static @Nullable SplitOptions parse(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return null;
        }
        JsonFields fields = UploadRequest.parse("split", json);
        Double validation = fields.number("validation", 0, 1);
        Double test = fields.number("test", 0, 1);
        Integer seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        String order = fields.choice("order", List.of("random", "file"));
        fields.refuseUnknown();
        fields.done();
        SplitOptions options = new SplitOptions(
                validation == null ? 0 : validation,
                test == null ? 0 : test,
                seed == null ? DEFAULT.seed : seed,
                "file".equals(order));
        if (options.validation + options.test > 1) {
            throw Problem.invalid(
                    "split", "out_of_range", "The shares of 'split' add up to more than 1. Lower one of them.");
        }
        return options;
    }
}
