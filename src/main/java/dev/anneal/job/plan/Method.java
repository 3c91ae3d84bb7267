package dev.anneal.job.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.training.spec.TrainingSpec;
import dev.anneal.web.Fields;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * What of the model is trained, as {@link TrainingSpec.Method} explains it. As a request has it, null is `auto`; as a job has
 * it, null is what its type has no use for.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Method(
        String type,
        Integer frozenLayers,
        Boolean freezeEmbeddings,
        Integer r,
        Double alpha,
        Double dropout,
        List<String> targetModules) {
    private static final Map<String, List<String>> FIELDS = Map.of(
            "frozen", List.of("frozen_layers", "freeze_embeddings"),
            "lora", List.of("r", "alpha", "dropout", "target_modules"));

    static Method of(Fields body) {
        Fields fields = body.object("method");
        String type = fields.has("type") || body.has("method") ? fields.required("type", 50) : "full";
        if (type != null && !TrainingSpec.Method.TYPES.contains(type)) {
            fields.choice("type", TrainingSpec.Method.TYPES);
        } else if (type != null) {
            FIELDS.forEach((owner, names) -> names.stream()
                    .filter(name -> !owner.equals(type) && fields.has(name))
                    .forEach(name -> fields.wrong(
                            name,
                            "not_of_method",
                            "is a field of the method '%s', not of '%s'".formatted(owner, type))));
        }
        Method method = new Method(
                type,
                auto(fields, "frozen_layers", f -> fields.integer(f, 0, 1000)),
                auto(fields, "freeze_embeddings", fields::flag),
                auto(fields, "r", f -> fields.integer(f, 1, 1024)),
                auto(fields, "alpha", f -> fields.number(f, 1e-3, 1e5)),
                auto(fields, "dropout", f -> fields.number(f, 0, 0.9)),
                auto(fields, "target_modules", f -> fields.list(f, 64, 200)));
        fields.refuseUnknown();
        return method;
    }

    /** Null where the field is absent, wrong, or says auto. */
    static <T> T auto(Fields fields, String field, Function<String, T> read) {
        JsonNode value = fields.get(field);
        return value != null && value.isString() && value.stringValue().equals("auto") ? null : read.apply(field);
    }

    boolean is(String other) {
        return type.equals(other);
    }

    public TrainingSpec.Method forTrainer() {
        return new TrainingSpec.Method(type, frozenLayers, freezeEmbeddings, r, alpha, dropout, targetModules);
    }
}
