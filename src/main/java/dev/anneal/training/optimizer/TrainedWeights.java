package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import dev.anneal.training.spec.TrainingSpec;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Head;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which weights of a model a method trains, and how fast compared with the head's. */
public record TrainedWeights(Model model, TrainingSpec.Method method, double layerwiseLrDecay) {
    private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(?:layers?|h)\\.(\\d+)\\.");
    private static final Pattern EMBEDDINGS =
            Pattern.compile("^(?:embeddings\\.|embeddings_project\\.|embed_tokens\\.|wte\\.|wpe\\.)");

    /** Their names, each with the factor of its learning rate. */
    Map<String, Double> rates() {
        Map<String, Double> rates = new LinkedHashMap<>();
        for (Map.Entry<String, NDArray> weight : model.weights().entrySet()) {
            String name = weight.getKey();
            if (isTrained(method, model.head(), name)) {
                rates.put(name, Math.pow(layerwiseLrDecay, below(name)));
            }
        }
        return rates;
    }

    public static boolean isTrained(TrainingSpec.Method method, Head headOfModel, String name) {
        boolean head = headOfModel.shapes().containsKey(name);
        return switch (method.type()) {
            case "lora" -> Lora.isAdapter(name) || head && !headOfModel.task().isLanguageModel();
            case "head" -> head;
            case "frozen" -> head || !isFrozen(method, name);
            default -> true;
        };
    }

    /** Whether a weight, by its name in the program, stands for tokens or their positions. */
    public static boolean isEmbedding(String name) {
        return EMBEDDINGS.matcher(name).find();
    }

    private static boolean isFrozen(TrainingSpec.Method method, String name) {
        return EMBEDDINGS.matcher(name).find()
                ? method.freezeEmbeddings()
                : layer(name) >= 0 && layer(name) < method.frozenLayers();
    }

    /** How many layers a weight is below the head. */
    private int below(String name) {
        int depth = model.architecture().layers(model.config());
        if (model.head().shapes().containsKey(name)) {
            return 0;
        }
        return EMBEDDINGS.matcher(name).find() ? depth + 1 : layer(name) < 0 ? 1 : depth - layer(name);
    }

    private static int layer(String name) {
        Matcher layer = LAYER.matcher(name);
        return layer.find() ? Integer.parseInt(layer.group(1)) : -1;
    }
}
