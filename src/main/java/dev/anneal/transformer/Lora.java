package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.WeightNames;
import dev.anneal.transformer.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * LoRA, low-rank adapters of linear layers (<a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>): a matrix W of
 * [out, in] gets a pair A of [r, in] and B of [out, r], and the layer computes W + alpha / r B A. B starts at 0.
 */
public record Lora(int r, double alpha, double dropout, List<String> targetModules) {
    static final String SCALE = "lora.scale";
    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    public static boolean isAdapter(String name) {
        return name.endsWith(A) || name.endsWith(B);
    }

    /** Adds a pair for each layer whose name in a file ends with one of the target modules. */
    void addTo(Weights weights, WeightNames names, Head head, BiFunction<String, Shape, float[]> initial) {
        List<String> layers = weights.arrays().entrySet().stream()
                .filter(weight -> !head.shapes().containsKey(weight.getKey())
                        && weight.getKey().endsWith(".weight")
                        && weight.getValue().getShape().dimension() == 2
                        && isTarget(names.toFile(weight.getKey()).replaceFirst("\\.weight$", "")))
                .map(weight -> weight.getKey().replaceFirst("\\.weight$", ""))
                .toList();
        if (layers.isEmpty()) {
            throw new ModelException(
                    "The model has no layer with a name in target_modules: " + String.join(", ", targetModules));
        }
        for (String layer : layers) {
            Shape shape = weights.get(layer + ".weight").getShape();
            boolean transposed = names.architecture().isTransposed(layer + ".weight");
            Shape a = new Shape(r, shape.get(transposed ? 0 : 1));
            weights.add(layer + A, a, initial.apply(layer + A, a));
            Shape b = new Shape(shape.get(transposed ? 1 : 0), r);
            weights.add(layer + B, b, new float[(int) b.size()]);
        }
        weights.add(SCALE, new Shape(), new float[] {(float) (alpha / r)});
    }

    /** Returns whether the name of a layer in a file ends with one of the target modules. */
    public boolean isTarget(String layer) {
        return targetModules.stream().anyMatch(target -> layer.equals(target) || layer.endsWith("." + target));
    }

    /** Returns a new array, the matrix with its pair merged into it. */
    static NDArray merged(Weights weights, String name, boolean transposed) {
        String layer = name.replaceFirst("\\.weight$", "");
        try (NDArray product = weights.get(layer + B).matMul(weights.get(layer + A));
                NDArray correction = product.mul(weights.get(SCALE));
                NDArray turned = transposed ? correction.transpose() : correction.duplicate()) {
            return weights.get(name).add(turned);
        }
    }

    /** Writes the pairs and the trained head in the format of peft. */
    void write(
            Path directory,
            Weights weights,
            WeightNames names,
            Head head,
            String baseModel,
            BiFunction<String, NDArray, StoredTensor> stored)
            throws IOException {
        Files.createDirectories(directory);
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        TreeMap<String, Boolean> saved = new TreeMap<>();
        weights.arrays().forEach((name, array) -> {
            if (isAdapter(name)) {
                String layer = name.replaceFirst("\\.lora_[AB]\\.weight$", "");
                String file = names.toFile(layer + ".weight").replaceFirst("\\.weight$", "");
                tensors.put("base_model.model." + file + name.substring(layer.length()), Weights.stored(array));
            } else if (!head.task().isLanguageModel() && head.shapes().containsKey(name)) {
                String file = names.toFile(name);
                tensors.put("base_model.model." + file, stored.apply(name, array));
                saved.put(module(file), true);
            }
        });
        Safetensors.write(directory.resolve(HuggingFaceFiles.ADAPTER_WEIGHTS), tensors, false);
        ObjectNode config = Json.MAPPER.createObjectNode();
        config.put("peft_type", "LORA");
        config.put(
                "task_type",
                switch (head.task()) {
                    case TOKEN_CLASSIFICATION -> "TOKEN_CLS";
                    case CAUSAL_LM -> "CAUSAL_LM";
                    case MASKED_LM -> null;
                    default -> "SEQ_CLS";
                });
        config.put("base_model_name_or_path", baseModel);
        config.put("r", r).put("lora_alpha", alpha).put("lora_dropout", dropout).put("bias", "none");
        config.put(
                "fan_in_fan_out",
                weights.arrays().keySet().stream()
                        .filter(name -> name.endsWith(A))
                        .anyMatch(name -> names.architecture().isTransposed(name.replace(A, ".weight"))));
        config.put("inference_mode", true);
        targetModules.forEach(config.putArray("target_modules")::add);
        if (saved.isEmpty()) {
            config.putNull("modules_to_save");
        } else {
            saved.keySet().forEach(config.putArray("modules_to_save")::add);
        }
        Files.writeString(
                directory.resolve(HuggingFaceFiles.ADAPTER_CONFIG),
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
    }

    /** Returns the module that peft saves whole: classifier for classifier.out_proj.weight, pooler for bert.pooler.dense.weight. */
    private static String module(String file) {
        return file.contains(".pooler.") ? "pooler" : file.substring(0, file.indexOf('.'));
    }
}
