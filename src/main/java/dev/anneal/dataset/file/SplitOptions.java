package dev.anneal.dataset.file;

import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shares of the rows for validation and test; the rest is for training. Rows are drawn at random by the seed. In the order
 * of the file, the first rows are for training, the next for validation and the last for test.
 */
public record SplitShares(double validation, double test, long seed, boolean inOrder) {
    public static final SplitShares DEFAULT = new SplitShares(0.1, 0.1, 42, false);

    /** Parses the form's JSON. Returns null if there is none. */
    static @Nullable SplitShares parse(@Nullable String json) {
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
        SplitShares shares = new SplitShares(
                validation == null ? 0 : validation,
                test == null ? 0 : test,
                seed == null ? DEFAULT.seed : seed,
                "file".equals(order));
        if (shares.validation + shares.test > 1) {
            throw Problem.invalid(
                    "split", "out_of_range", "The shares of 'split' add up to more than 1. Lower one of them.");
        }
        return shares;
    }
}
