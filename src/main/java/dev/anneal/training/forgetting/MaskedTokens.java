package dev.anneal.training.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.forgetting.TextFigure;
import dev.anneal.json.Json;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The losses of masked tokens, the same ones for both models. Most tasks replace the head that predicts them; the trained encoder
 * then gets that of its base model.
 */
final class MaskedTokens implements Measure<Example> {
    private final TrainingTask task;
    private final ModelConfig config;
    private final Head head;
    private final boolean keepsHead;
    private final String device;
    private final Map<String, float[]> ofBase = new HashMap<>();

    /**
     * Creates the measure.
     *
     * @param task predicts masked tokens
     * @param keepsHead whether the head was trained, too
     */
    MaskedTokens(TrainingTask task, ModelConfig config, Head head, boolean keepsHead, String device) {
        this.task = task;
        this.config = config;
        this.head = head;
        this.keepsHead = keepsHead;
        this.device = device;
    }

    @Override
    public Forgetting.Measure kind() {
        return Forgetting.Measure.MASKED_LOSS;
    }

    @Override
    public Model base(Path directory) {
        Model model = Model.load(directory, config, head, device);
        head.shapes()
                .keySet()
                .forEach(name -> ofBase.put(name, model.weight(name).toFloatArray()));
        return model;
    }

    @Override
    public Model trained(Path directory) {
        if (keepsHead) {
            return Model.load(directory, config, head, device);
        }
        return Model.load(
                directory,
                config,
                withoutFiles(head),
                device,
                0,
                null,
                (name, shape) -> Objects.requireNonNull(ofBase.get(name)));
    }

    /** Returns the head under names that no file has: another head may use the same ones, as that of ModernBERT does. */
    private static Head withoutFiles(Head head) {
        Map<String, String> names = new TreeMap<>();
        head.shapes().keySet().forEach(name -> names.put(name, "of-base-model." + name));
        return new Head(head.task(), head.program(), head.shapes(), names, head.transformersClass());
    }

    @Override
    public List<Example> probe() {
        return GeneralText.paragraphs().stream()
                .flatMap(text -> task.examples(row(text)).stream())
                .toList();
    }

    @Override
    public List<Example> of(List<JsonNode> rows) {
        return rows.stream()
                .map(row -> row.has("tokens") ? row(words(row)) : row)
                .flatMap(row -> task.examples(row).stream())
                .filter(example -> task.count(example) > 0)
                .toList();
    }

    private static JsonNode row(String text) {
        return Json.MAPPER.createObjectNode().put("text", text);
    }

    static String words(JsonNode row) {
        return row.path("tokens").valueStream().map(word -> word.asString("")).collect(Collectors.joining(" "));
    }

    @Override
    public TextFigure figure(Model model, Example text, int number, NDManager arrays) {
        List<Example> texts = List.of(text);
        Map<String, NDArray> batch = task.batch(texts, arrays, new SplittableRandom(number));
        long masked = task.counted(texts, batch);
        return masked == 0
                ? new TextFigure(0, 0)
                : new TextFigure(
                        masked
                                * (double)
                                        model.infer(arrays, "loss", batch, 0.0).getFloat(),
                        masked);
    }
}
