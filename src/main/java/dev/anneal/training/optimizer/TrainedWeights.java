package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TargetScale;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The weights of a model that a method trains, and the factor of the learning rate of each. */
public record TrainedWeights(Model model, Method method, double layerwiseLrDecay) {
    /** Returns the names of the trained weights, each with the factor of its learning rate. */
    Map<String, Double> rates() {
        Map<String, Double> rates = new LinkedHashMap<>();
        for (Map.Entry<String, NDArray> weight : model.weights().entrySet()) {
            String name = weight.getKey();
            if (isTrained(method, model.architecture(), model.head(), name)) {
                rates.put(name, Math.pow(layerwiseLrDecay, below(name)));
            }
        }
        return rates;
    }

    public static boolean isTrained(Method method, Architecture architecture, Head modelHead, String name) {
        if (TargetScale.isPart(name)) {
            return false;
        }
        boolean head = modelHead.shapes().containsKey(name);
        return switch (method.type()) {
            case "lora" -> Lora.isAdapter(name) || head && !modelHead.task().isLanguageModel();
            case "head" -> head;
            case FewShot.METHOD -> !head;
            case "frozen" -> head || !isFrozen(method, architecture, name);
            default -> true;
        };
    }

    /** Returns the adapters of the method {@code lora}. */
    public static Lora lora(Method method) {
        return new Lora(
                Objects.requireNonNull(method.r()),
                Objects.requireNonNull(method.alpha()),
                Objects.requireNonNull(method.dropout()),
                Objects.requireNonNull(method.targetModules()));
    }

    private static boolean isFrozen(Method method, Architecture architecture, String name) {
        int layer = architecture.layer(name);
        return architecture.isEmbedding(name) ? method.freezesEmbeddings() : layer >= 0 && layer < method.frozenCount();
    }

    /** Returns how many layers a weight is below the head. */
    private int below(String name) {
        Architecture architecture = model.architecture();
        int depth = architecture.layers(model.config());
        if (model.head().shapes().containsKey(name)) {
            return 0;
        }
        int layer = architecture.layer(name);
        return architecture.isEmbedding(name) ? depth + 1 : layer < 0 ? 1 : depth - layer;
    }
}
