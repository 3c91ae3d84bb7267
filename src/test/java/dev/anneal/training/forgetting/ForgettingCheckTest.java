package dev.anneal.training.forgetting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Metric;
import dev.anneal.evaluation.forgetting.Forgetting;
import dev.anneal.evaluation.forgetting.Forgetting.Measure;
import dev.anneal.evaluation.forgetting.TextFigure;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForgettingCheckTest {
    private static final Path MODELS = Path.of("src/test/resources/models").toAbsolutePath();

    @TempDir
    Path directory;

    @Test
    void theTextsOfTheProgramAreAsManyAsTheEstimateCounts() {
        assertThat(GeneralText.paragraphs()).hasSize(Forgetting.TEXTS).doesNotHaveDuplicates();
        assertThat(GeneralText.pairs()).hasSize(40).allMatch(pair -> pair.size() == 2);
    }

    @ParameterizedTest
    @CsvSource({
        "llama, causal-lm, LOSS",
        "gpt2, causal-lm, LOSS",
        "bert, masked-lm, MASKED_LOSS",
        "roberta, text-classification, MASKED_LOSS",
        "modernbert, token-classification, MASKED_LOSS",
        "bert-classifier, text-classification, SIMILARITY",
        "modernbert-classifier, text-classification, SIMILARITY"
    })
    void aModelAsItIsForgotNothing(String model, String task, Measure measure) throws IOException {
        Path base = model.endsWith("-classifier") ? withTokenizer(model) : MODELS.resolve(model);

        Forgetting found = check(base, task).compare(base, directory.resolve("none"));

        assertThat(found.measure()).isEqualTo(measure);
        assertThat(found.probe().change()).isZero();
        assertThat(found.probe().after()).isEqualTo(found.probe().before());
        assertThat(found.probe().texts())
                .isEqualTo(measure == Measure.SIMILARITY ? 40 : found.probe().texts());
        assertThat(found.probe().texts()).isGreaterThanOrEqualTo(40);
        assertThat(found.probe().agreement()).isEqualTo(measure == Measure.LOSS ? 1.0 : null);
        assertThat(found.retained()).isNull();
        assertThat(found.message()).doesNotContain("To forget less");
    }

    /** A classifier has no head for masked tokens, and its files here have no tokenizer. */
    private Path withTokenizer(String model) throws IOException {
        Path copy = Files.createDirectories(directory.resolve(model));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(MODELS.resolve(model).resolve(file), copy.resolve(file));
        }
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(MODELS.resolve(model.replace("-classifier", "")).resolve(file), copy.resolve(file));
        }
        return copy;
    }

    @Test
    void theRowsToRetainAreComputedWithThePartsThatAreLearned() throws IOException {
        Path rows = Files.write(
                directory.resolve("retain.jsonl"),
                List.of(
                        Json.write(Map.of("prompt", "where are the boats", "completion", "home")),
                        Json.write(Map.of("text", "the river runs to the shop"))));
        Path base = MODELS.resolve("llama");

        Forgetting found = check(base, "causal-lm").compare(base, rows);

        assertThat(found.retained()).isNotNull();
        assertThat(found.retained().texts()).isEqualTo(2);
        assertThat(found.retained().compared()).isLessThan(found.probe().compared());
        assertThat(found.retained().agreement()).isEqualTo(1);
    }

    @Test
    void rowsOfWordsAreReadAsTexts() throws IOException {
        Path rows = Files.write(
                directory.resolve("retain.jsonl"),
                List.of(
                        Json.write(Map.of("tokens", List.of("the", "boats"), "tags", List.of("O", "O"))),
                        Json.write(Map.of("text", "the river")),
                        Json.write(Map.of("text", "an odd one"))));

        assertThat(check(MODELS.resolve("bert"), "masked-lm")
                        .compare(MODELS.resolve("bert"), rows)
                        .retained()
                        .texts())
                .isEqualTo(3);
        assertThat(check(TestModels.tiny(directory.resolve("tiny")), "text-classification")
                        .compare(directory.resolve("tiny"), rows)
                        .retained()
                        .texts())
                .as("pairs")
                .isEqualTo(1);
    }

    @Test
    void thePreferredTokenHasTheHighestScore() {
        Path base = MODELS.resolve("llama");
        ModelConfig config = ModelConfig.read(base);
        Head head = Architecture.of(config).head(Task.CAUSAL_LM, config, 0);
        try (Tokenizer tokenizer = Tokenizer.load(base, 64)) {
            TrainingTask task = TrainingTask.of(spec(Task.CAUSAL_LM), base, tokenizer, 64);
            NextTokens measure = new NextTokens(task, config, head, "cpu");
            Example text = measure.of(List.of(Json.MAPPER.createObjectNode().put("text", "the river runs to the shop")))
                    .get(0);
            try (Model model = measure.base(base);
                    NDManager arrays = model.newBatchManager()) {
                TextFigure figure = measure.figure(model, text, 0, arrays);
                float[] scores = model.infer(arrays, "predict", Batch.of(List.of(text.text()), arrays))
                        .toFloatArray();
                int vocabulary = scores.length / text.text().length();
                double sum = 0;
                for (int place = 0; place < figure.count(); place++) {
                    int best = 0;
                    double total = 0;
                    for (int token = 0; token < vocabulary; token++) {
                        best = scores[place * vocabulary + token] > scores[place * vocabulary + best] ? token : best;
                        total += Math.exp(scores[place * vocabulary + token]);
                    }
                    int next = text.text().ids()[place + 1];
                    sum += Math.log(total) - scores[place * vocabulary + next];
                    assertThat(figure.preferred()[place]).isEqualTo(best);
                }
                assertThat(figure.count()).isEqualTo(text.text().length() - 1);
                assertThat(figure.sum()).isCloseTo(sum, within(1e-3));
            }
        }
    }

    private static ForgettingCheck check(Path base, String task) {
        Task asked = Task.valueOf(task.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
        return new ForgettingCheck(
                spec(asked),
                new Placement(base.toString(), "cpu", 1, "fp32", null, List.of(), null, 0),
                new StopRequest());
    }

    private static JobSpec spec(Task task) {
        return new JobSpec(
                task,
                "base",
                "ds_1",
                null,
                null,
                null,
                task.hasLabels() ? List.of("a", "b") : List.of(),
                Method.FULL,
                TestHyperparameters.of(0, 0.01, 1),
                null,
                null,
                Metric.LOSS,
                null);
    }
}
