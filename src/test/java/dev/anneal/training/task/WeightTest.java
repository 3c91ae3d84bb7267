package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Metric;
import dev.anneal.json.Json;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.optimizer.StepLoss;
import dev.anneal.training.optimizer.TrainStep;
import dev.anneal.training.optimizer.TrainableModel;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The weights of examples say how the losses of parts of a batch are joined. */
class WeightTest {
    private final Path base = TestModels.bundled();

    @Test
    void partsOfABatchOfTextsWithWeightedLabelsHaveTheLossOfTheWhole() {
        compare(
                Task.TEXT_CLASSIFICATION,
                List.of(
                        "{\"text\": \"a rare one\", \"label\": \"rare\"}",
                        "{\"text\": \"a plain one\", \"label\": \"plain\"}",
                        "{\"text\": \"one more\", \"label\": \"plain\"}",
                        "{\"text\": \"the last\", \"label\": \"plain\"}"));
    }

    @Test
    void partsOfABatchOfSentencesWithWeightedTagsHaveTheLossOfTheWhole() {
        compare(
                Task.TOKEN_CLASSIFICATION,
                List.of(
                        "{\"tokens\": [\"Anna\", \"sleeps\"], \"tags\": [\"rare\", \"plain\"]}",
                        "{\"tokens\": [\"nobody\", \"knows\", \"it\"], \"tags\": [\"plain\", \"plain\", \"plain\"]}"));
    }

    private void compare(Task of, List<String> rows) {
        Torch.useThreads(1);
        Map<String, Object> values =
                new HashMap<>(TestHyperparameters.of(0, 0, 1).values());
        values.put("class_weights", Map.of("rare", 16.0, "plain", 0.5));
        Hyperparameters hyperparameters = new Hyperparameters(values);
        JobSpec spec = new JobSpec(
                of,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of("plain", "rare"),
                Method.FULL,
                hyperparameters,
                TaskOptions.NONE.orDefaults(of),
                null,
                Metric.LOSS,
                null);
        try (Tokenizer tokenizer = Tokenizer.load(base, 32);
                Model model = TestModels.load(base, of, "plain", "rare");
                TrainableModel trainable =
                        new TrainableModel(model, Method.FULL, hyperparameters, Precision.FP32, false, null)) {
            TrainingTask task = TrainingTask.of(spec, base, tokenizer, 32);
            List<Example> examples = rows.stream()
                    .flatMap(row -> task.examples(Json.MAPPER.readTree(row)).stream())
                    .toList();
            Part whole = new Part(task, examples);
            Part first = new Part(task, examples.subList(0, 1));
            Part others = new Part(task, examples.subList(1, examples.size()));

            assertThat(loss(trainable, first, others)).isCloseTo(loss(trainable, whole), within(1e-5));
        }
    }

    private static double loss(TrainableModel model, Part... parts) {
        double count = Stream.of(parts).mapToDouble(Part::count).sum();
        try (TrainStep step = new TrainStep(model, 1)) {
            for (Part part : parts) {
                step.accumulate(part, part.count() / count);
            }
            step.clip(0);
            try (StepLoss loss = step.loss()) {
                return loss.await();
            }
        }
    }

    private record Part(TrainingTask task, List<Example> examples) implements MicroBatch {
        @Override
        public Map<String, NDArray> tensors(NDManager manager) {
            return task.batch(examples, manager, new SplittableRandom(1));
        }

        @Override
        public double count() {
            return examples.stream().mapToDouble(task::weight).sum();
        }
    }
}
