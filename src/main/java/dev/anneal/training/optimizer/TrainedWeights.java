package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import dev.anneal.spec.FewShot;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TargetScale;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
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
                int below = below(model.architecture(), model.config(), model.head(), name);
                rates.put(name, Math.pow(layerwiseLrDecay, below));
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

    /** Returns how many layers a weight is below the head, to which the layer belongs that {@code few_shot} adds. */
    static int below(Architecture architecture, ModelConfig config, Head head, String name) {
        if (head.shapes().containsKey(name)) {
            return 0;
        }
        long ofHead = head.shapes().keySet().stream()
                .map(architecture::layer)
                .filter(layer -> layer >= 0)
                .distinct()
                .count();
        int depth = architecture.layers(config) - (int) ofHead;
        int layer = architecture.layer(name);
        return architecture.isEmbedding(name) ? depth + 1 : layer < 0 ? 1 : depth - layer;
    }
}
