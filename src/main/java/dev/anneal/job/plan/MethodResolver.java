package dev.anneal.job.plan;

import dev.anneal.model.Model;
import dev.anneal.spec.Method;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Reads the method from a request, and decides what it leaves to {@code auto} by the layers of the base model. */
@Component
class MethodResolver {
    private static final Map<String, List<String>> FIELDS = Map.of(
            "frozen", List.of("frozen_layers", "freeze_embeddings"),
            "lora", List.of("r", "alpha", "dropout", "target_modules"));

    private final JobBaseModel baseModels;

    MethodResolver(JobBaseModel baseModels) {
        this.baseModels = baseModels;
    }

    static Method read(JsonFields body) {
        JsonNode given = body.get("method");
        if (given != null && given.isString()) {
            String type = Method.TYPES.contains(given.stringValue()) ? given.stringValue() : "lora";
            body.wrong("method", "invalid_type", "must be a JSON object: write {\"type\": \"" + type + "\"}");
            return Method.FULL;
        }
        JsonFields fields = body.object("method");
        String type = fields.has("type") || body.has("method") ? fields.required("type", 50) : "full";
        if (!type.isEmpty() && !Method.TYPES.contains(type)) {
            fields.choice("type", Method.TYPES);
        } else if (!type.isEmpty()) {
            FIELDS.forEach((owner, names) -> names.stream()
                    .filter(name -> !owner.equals(type) && fields.has(name))
                    .forEach(name -> fields.wrong(
                            name,
                            "not_of_method",
                            "is a field of the method '%s', not of '%s'".formatted(owner, type))));
        }
        Method method = new Method(
                type,
                JobRequest.auto(fields, "frozen_layers", name -> fields.integer(name, 0, 1000)),
                JobRequest.auto(fields, "freeze_embeddings", fields::flag),
                JobRequest.auto(fields, "r", name -> fields.integer(name, 1, 1024)),
                JobRequest.auto(fields, "alpha", name -> fields.number(name, 1e-3, 1e5)),
                JobRequest.auto(fields, "dropout", name -> fields.number(name, 0, 0.9)),
                JobRequest.auto(fields, "target_modules", name -> fields.list(name, 64, 200)));
        fields.refuseUnknown();
        return method;
    }

    Method resolve(Method asked, Model base, Task task, List<Problem.Error> errors) {
        return switch (asked.type()) {
            case "frozen" -> frozen(asked, base, errors);
            case "lora" -> lora(asked, base, errors);
            case "head" -> head(asked, task, errors);
            default -> asked;
        };
    }

    private static Method head(Method asked, Task task, List<Problem.Error> errors) {
        if (task.isLanguageModel()) {
            errors.add(Problem.Error.field(
                    "method.type",
                    "not_of_task",
                    "The method 'head' does not apply to " + task.text()
                            + ". Use 'frozen' or 'lora' to train a part of the" + " model."));
        }
        return asked;
    }

    private Method frozen(Method asked, Model base, List<Problem.Error> errors) {
        ModelConfig config = baseModels.config(base);
        int layers = Architecture.of(config).layers(config);
        int frozen = asked.frozenLayers() == null ? layers / 2 : asked.frozenLayers();
        if (frozen > layers) {
            errors.add(Problem.Error.field(
                    "method.frozen_layers",
                    "out_of_range",
                    "'method.frozen_layers' is %d, but '%s' has only %d layers."
                            .formatted(frozen, base.name(), layers)));
        }
        boolean embeddings = asked.freezeEmbeddings() == null || asked.freezeEmbeddings();
        return Method.frozen(frozen, embeddings);
    }

    private Method lora(Method asked, Model base, List<Problem.Error> errors) {
        int r = asked.r() == null ? 8 : asked.r();
        List<String> targets = asked.targetModules() == null
                ? Architecture.named(base.architecture()).loraTargets()
                : asked.targetModules();
        if (asked.targetModules() != null) {
            checkTargets(targets, base, errors);
        }
        return Method.lora(
                r,
                asked.alpha() == null ? 2.0 * r : asked.alpha(),
                asked.dropout() == null ? 0.05 : asked.dropout(),
                targets);
    }

    private void checkTargets(List<String> targets, Model base, List<Problem.Error> errors) {
        ModelConfig config = baseModels.config(base);
        Collection<String> layers = Architecture.of(config).linearLayers(config);
        Collection<String> names = new TreeSet<>();
        for (String layer : layers) {
            names.add(layer.substring(layer.lastIndexOf('.') + 1));
        }
        for (String target : targets) {
            if (layers.stream().noneMatch(layer -> layer.equals(target) || layer.endsWith("." + target))) {
                errors.add(Problem.Error.field(
                        "method.target_modules",
                        "unknown_module",
                        "'%s' has no linear layer named '%s'. Its linear layers: %s.%s"
                                .formatted(
                                        base.name(),
                                        Problem.quote(target),
                                        String.join(", ", names),
                                        Suggest.nearest(target, names))));
            }
        }
    }
}
