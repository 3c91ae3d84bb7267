package dev.anneal.dataset;

import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.problem.ErrorPolicy;
import dev.anneal.web.JsonFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The choices of an upload about its checks and its bad rows. */
record UploadChecks(CheckOptions options, ErrorPolicy errors) {
    static final UploadChecks DEFAULT = new UploadChecks(CheckOptions.DEFAULT, ErrorPolicy.REJECT);

    /** Parses the form's fields. */
    static UploadChecks of(Map<String, String> form) {
        return new UploadChecks(
                options(form.get("checks")), ErrorPolicy.of(form.get("on_error"), form.get("max_skipped")));
    }

    private static CheckOptions options(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return CheckOptions.DEFAULT;
        }
        JsonFields fields = UploadRequest.parse("checks", json);
        Boolean near = fields.flag("near_duplicates");
        Double similarity = fields.number("similarity", CheckOptions.LEAST_SIMILARITY, 1);
        fields.refuseUnknown();
        fields.done();
        return new CheckOptions(
                near == null || near, similarity == null ? CheckOptions.DEFAULT.similarity() : similarity);
    }
}
