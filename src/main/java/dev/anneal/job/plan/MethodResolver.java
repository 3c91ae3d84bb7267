package dev.anneal.job.plan;

import dev.anneal.model.Model;
import dev.anneal.text.Suggest;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Decides what a method leaves to `auto`, by the layers and names of the base model. */
@Component
class MethodResolver {
    private final JobBaseModel baseModels;

    MethodResolver(JobBaseModel baseModels) {
        this.baseModels = baseModels;
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
                    "With " + task.text()
                            + " there is no head to train alone; 'frozen' and 'lora' train a part of it."));
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
                    "'method.frozen_layers' is %d; '%s' has %d layers.".formatted(frozen, base.name(), layers)));
        }
        boolean embeddings = asked.freezeEmbeddings() == null || asked.freezeEmbeddings();
        return new Method("frozen", frozen, embeddings, null, null, null, null);
    }

    private Method lora(Method asked, Model base, List<Problem.Error> errors) {
        int r = asked.r() == null ? 8 : asked.r();
        List<String> targets = asked.targetModules() == null
                ? Architecture.named(base.architecture()).loraTargets()
                : asked.targetModules();
        if (asked.targetModules() != null) {
            checkTargets(targets, base, errors);
        }
        return new Method(
                "lora",
                null,
                null,
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
                        "'%s' has no linear layer called '%s'; known: %s.%s"
                                .formatted(
                                        base.name(),
                                        target,
                                        String.join(", ", names),
                                        Suggest.nearest(target, names))));
            }
        }
    }
}
