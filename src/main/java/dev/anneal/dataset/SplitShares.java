package dev.anneal.dataset;

import dev.anneal.web.Fields;
import dev.anneal.web.Problem;

/** Which shares of the rows are drawn for validation and test; what remains is for training. */
record SplitShares(double validation, double test, long seed) {
    static final SplitShares DEFAULT = new SplitShares(0.1, 0.1, 42);

    /** From the form's JSON; null where nothing was given. */
    static SplitShares parse(String json) {
        if (json == null || json.isBlank()) {
            return null;
        }
        Fields fields = UploadRequest.parse("split", json);
        Double validation = fields.number("validation", 0, 1);
        Double test = fields.number("test", 0, 1);
        Integer seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        fields.refuseUnknown();
        fields.done();
        SplitShares shares = new SplitShares(
                validation == null ? 0 : validation, test == null ? 0 : test, seed == null ? DEFAULT.seed : seed);
        if (shares.validation + shares.test > 1) {
            throw Problem.invalid("split", "out_of_range", "The shares of 'split' are more than 1 together.");
        }
        return shares;
    }
}
