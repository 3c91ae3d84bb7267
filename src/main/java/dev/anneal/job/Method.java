package dev.anneal.job;

import dev.anneal.web.Fields;
import java.util.List;

/** What of the model is trained. */
public record Method(String type) {
    private static final List<String> TYPES = List.of("full");

    static Method of(Fields body) {
        Fields fields = body.object("method");
        String type = body.has("method") ? fields.required("type", 50) : "full";
        if (type != null && !TYPES.contains(type)) {
            fields.choice("type", TYPES);
        }
        fields.refuseUnknown();
        return new Method(type);
    }
}
