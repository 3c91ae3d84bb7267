package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.TokenFigures;
import dev.anneal.evaluation.Truncation;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.process.StopRequest;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFiguresTest {
    /** The figures of the program, computed in parts of a padded batch, beside those of the scores of one text at a time. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "mistral"})
    void lossAndAccuracyOfTokensFollowFromTheScores(String family) {
        Path base = Path.of("src/test/resources/models", family);
        try (Predictor predictor = Predictor.loadAny(base, "cpu", 1);
                Tokenizer tokenizer = Tokenizer.load(base, 32)) {
            CausalLmTask task = task(tokenizer, base);
            Examples examples = new Examples(Stream.of(
                            "{\"prompt\": \"the river\", \"completion\": \" runs to the shop and the boats came home\"}",
                            "{\"text\": \"where are the boats\"}",
                            "{\"prompt\": \"the\", \"completion\": \" river\"}")
                    .flatMap(row -> task.examples(Json.MAPPER.readTree(row)).stream())
                    .toList());
            Evaluator evaluator =
                    new Evaluator(predictor.model(), predictor, null, PredictionSink.NONE, new StopRequest());

            TokenFigures figures = evaluator.tokens(examples, task);

            double loss = 0;
            int right = 0;
            int tokens = 0;
            try (NDManager arrays = predictor.model().newBatchManager()) {
                for (Example example : examples.get(new int[] {0, 1, 2})) {
                    Map<String, NDArray> batch = Batch.of(List.of(example.text()), arrays);
                    float[] scores =
                            predictor.model().infer(arrays, "predict", batch).toFloatArray();
                    int length = example.text().length();
                    int vocabulary = scores.length / length;
                    for (int token = 1; token < length; token++) {
                        if (task.isLearned(example, token)) {
                            int wanted = (int) example.target()[token];
                            loss += loss(scores, (token - 1) * vocabulary, vocabulary, wanted);
                            right += best(scores, (token - 1) * vocabulary, vocabulary) == wanted ? 1 : 0;
                            tokens++;
                        }
                    }
                }
            }
            LanguageModelReport report =
                    LanguageModelReport.of("causal-lm", "test", examples.size(), Truncation.NONE, figures);
            assertThat(report.tokens()).isEqualTo(tokens).isGreaterThan(5);
            assertThat(report.loss()).isCloseTo(loss / tokens, within(1e-5));
            assertThat(report.tokenAccuracy()).isCloseTo((double) right / tokens, within(1e-9));
            assertThat(evaluator.loss(examples, task, new SplittableRandom(0)).mean())
                    .as("the loss by which epochs are compared")
                    .isCloseTo(report.loss(), within(1e-5));
        }
    }

    private static double loss(float[] scores, int from, int count, int wanted) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(scores[from + i]);
        }
        return Math.log(sum) - scores[from + wanted];
    }

    private static int best(float[] scores, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = scores[from + i] > scores[from + best] ? i : best;
        }
        return best;
    }

    private static CausalLmTask task(Tokenizer tokenizer, Path base) {
        JobSpec spec = new JobSpec(
                Task.CAUSAL_LM,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of(),
                Method.FULL,
                TestHyperparameters.of(0, 0, 1),
                TaskOptions.NONE,
                null,
                Metric.LOSS,
                null);
        return new CausalLmTask(spec, tokenizer, base, 32);
    }
}
