package dev.anneal.training.forgetting;

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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** The losses of the tokens of a text, each predicted by those before it, and the tokens that the model prefers. */
record NextTokens(TrainingTask task, ModelConfig config, Head head, String device) implements Measure<Example> {
    @Override
    public Forgetting.Measure kind() {
        return Forgetting.Measure.LOSS;
    }

    @Override
    public Model base(Path directory) {
        return Model.load(directory, config, head, device);
    }

    @Override
    public Model trained(Path directory) {
        return Model.load(directory, config, head, device);
    }

    @Override
    public List<Example> probe() {
        return of(GeneralText.paragraphs().stream()
                .map(text -> (JsonNode) Json.MAPPER.createObjectNode().put("text", text))
                .toList());
    }

    @Override
    public List<Example> of(List<JsonNode> rows) {
        return rows.stream()
                .flatMap(row -> task.examples(row).stream())
                .filter(example -> task.count(example) > 0)
                .toList();
    }

    @Override
    public TextFigure figure(Model model, Example text, int number, NDManager arrays) {
        float[] found = model.infer(arrays, "figures", task.batch(List.of(text), arrays, new SplittableRandom(number)))
                .toFloatArray();
        int length = found.length / 3;
        int[] learned =
                IntStream.range(0, length).filter(i -> found[length + i] >= 0).toArray();
        return new TextFigure(
                Arrays.stream(learned).mapToDouble(i -> found[i]).sum(),
                learned.length,
                Arrays.stream(learned).map(i -> (int) found[2 * length + i]).toArray());
    }
}
