package dev.anneal.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.dataset.rows.EvaluationRows;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.evaluation.linear.FeatureHead;
import dev.anneal.json.Json;
import dev.anneal.spec.Subset;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The plan of a job of which much was left open. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobPlannerTest {
    /** The base model and the trained one compute the texts that come with the program. */
    private static final int FORGETTING = 2 * 72;
    /** The training and test rows that the base model computes to be a baseline. */
    private static final int BASELINE = 80 + 10;

    @Autowired
    Api api;

    @Autowired
    TrainingRows rows;

    @Autowired
    EvaluationRows evaluationRows;

    @Autowired
    JdbcClient jdbc;

    String dataset;

    @BeforeEach
    void upload() {
        dataset = api.upload("reviews.csv", Reviews.csv(100), Map.of()).text("id");
    }

    @Test
    void theTaskDefaultsToThatOfTheDataset() {
        JsonNode job = submit("");

        assertThat(job.get("task").asString()).isEqualTo("text-classification");
        assertThat(job.get("task_options"))
                .isEqualTo(json("{\"multi_label\":false,\"long_texts\":\"truncate\",\"calibrate\":false}"));
        assertThat(job.get("method")).isEqualTo(json("{\"type\":\"full\"}"));
        assertThat(job.get("subset").isNull()).isTrue();
        JsonNode chosen = job.get("hyperparameters");
        assertThat(chosen.get("lr_scheduler_type").asString()).isEqualTo("linear");
        assertThat(chosen.get("warmup_ratio").asDouble()).isEqualTo(0.1);
        assertThat(chosen.get("warmup_steps").isNull()).isTrue();
        assertThat(chosen.get("class_weights").isNull()).isTrue();
    }

    @Test
    void whatAReportWouldHaveIsRefusedIfThereIsNone() {
        String all = api.upload("all.csv", Reviews.csv(40), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");
        for (String choice : List.of(
                "\"slice_by\":[\"split\"]",
                "\"terms\":{\"brand\":{\"ours\":[\"acme\"],\"theirs\":[\"globex\"]}}",
                "\"retain_dataset\":\"" + dataset + "\"")) {
            Answer refused = create("\"dataset\":\"" + all + "\"," + choice);
            assertThat(refused.code()).as(choice).isEqualTo("no_evaluation_rows");
            assertThat(refused.detail()).contains("or set 'folds'");
            assertThat(create("\"dataset\":\"" + all + "\",\"test_dataset\":\"" + dataset + "\"," + choice)
                            .status())
                    .as(choice)
                    .isEqualTo(201);
        }
        assertThat(create("\"dataset\":\"" + all + "\"").status()).isEqualTo(201);
    }

    @Test
    void textsWithLabelsTrainAMaskedModelToo() {
        JsonNode job = submit("\"task\":\"masked-lm\",\"task_options\":{\"whole_words\":true}");

        assertThat(job.get("task_options")).isEqualTo(json("{\"masking_probability\":0.15,\"whole_words\":true}"));
        assertThat(job.get("hyperparameters").get("learning_rate").asDouble()).isEqualTo(5e-5);
        assertThat(job.get("hyperparameters").get("batch_size").asInt()).isEqualTo(16);
        assertThat(job.get("hyperparameters").get("epochs").asInt()).isEqualTo(3);
    }

    @Test
    void loraFindsItsLayersAndAHigherLearningRate() {
        JsonNode job = submit("\"method\":{\"type\":\"lora\",\"r\":4,\"alpha\":\"auto\"}");

        assertThat(job.get("method")).isEqualTo(json("""
                {"type":"lora","r":4,"alpha":8.0,"dropout":0.05,"target_modules":["query","value"]}"""));
        assertThat(job.get("hyperparameters").get("learning_rate").asDouble()).isEqualTo(1e-3);
    }

    @Test
    void halfOfTheLayersAreFrozenUnlessSaidOtherwise() {
        assertThat(submit("\"method\":{\"type\":\"frozen\"}").get("method"))
                .isEqualTo(json("{\"type\":\"frozen\",\"frozen_layers\":3,\"freeze_embeddings\":true}"));
        assertThat(submit("\"method\":{\"type\":\"frozen\",\"frozen_layers\":6,\"freeze_embeddings\":false}")
                        .get("method"))
                .isEqualTo(json("{\"type\":\"frozen\",\"frozen_layers\":6,\"freeze_embeddings\":false}"));
    }

    @Test
    void trainingOnlyTheHeadTakesMoreEpochs() {
        JsonNode chosen = submit("\"method\":{\"type\":\"head\"}").get("hyperparameters");

        assertThat(chosen.get("epochs").asInt()).isEqualTo(20);
        assertThat(chosen.get("learning_rate").asDouble()).isEqualTo(1e-3);
    }

    @Test
    void warmupStepsReplaceTheRatio() {
        JsonNode chosen = submit("\"hyperparameters\":{\"warmup_steps\":7,\"lr_scheduler_type\":\"cosine\"}")
                .get("hyperparameters");

        assertThat(chosen.get("warmup_steps").asInt()).isEqualTo(7);
        assertThat(chosen.get("warmup_ratio").asDouble()).isZero();
        assertThat(chosen.get("lr_scheduler_type").asString()).isEqualTo("cosine");
    }

    @Test
    void balancedWeightsAreNumbersByTheRowsThatAreTrainedOn() {
        String uneven = uneven();
        String balanced = "\"dataset\":\"" + uneven + "\",\"hyperparameters\":{\"class_weights\":\"balanced\"}";

        assertThat(weights(submit(balanced))).isEqualTo(json("{\"a\":0.625,\"b\":2.5}"));
        assertThat(weights(submit(balanced + ",\"subset\":{\"rows\":3}"))).isEqualTo(json("{\"a\":0.75,\"b\":1.5}"));
        assertThat(weights(submit("\"dataset\":\"" + uneven + "\",\"hyperparameters\":{\"class_weights\":{\"b\":3}}")))
                .isEqualTo(json("{\"a\":1.0,\"b\":3.0}"));
    }

    @Test
    void aShareIsDrawnFromEachLabelAndTheSameSeedDrawsTheSameRows() {
        String uneven = uneven();
        Subset tenth = new Subset(null, 0.1);

        assertThat(rows.labelCounts(uneven, tenth, 1)).isEqualTo(Map.of("a", 4L, "b", 1L));
        assertThat(rows.labelCounts(uneven, new Subset(null, 0.001), 1)).isEqualTo(Map.of("a", 1L, "b", 1L));
        assertThat(written(uneven, tenth, 1)).hasSize(5).isEqualTo(written(uneven, tenth, 1));
        assertThat(written(uneven, tenth, 1)).isNotEqualTo(written(uneven, tenth, 2));
    }

    @Test
    void aNumberOfRowsIsDrawnFromEachLabelByTheSeedToo() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 100; i++) {
            csv.append("text ").append(i).append(i < 90 ? ",a,train\n" : ",b,train\n");
        }
        String sorted = api.upload("sorted.csv", csv.toString()).text("id");
        Subset ten = new Subset(10, null);

        assertThat(rows.labelCounts(sorted, ten, 1)).isEqualTo(Map.of("a", 9L, "b", 1L));
        assertThat(rows.labelCounts(sorted, new Subset(2, null), 1)).isEqualTo(Map.of("a", 1L, "b", 1L));
        assertThat(rows.labelCounts(sorted, new Subset(1, null), 1)).isEqualTo(Map.of("a", 1L));
        assertThat(rows.count(sorted, new Subset(1000, null), 1)).isEqualTo(100);
        assertThat(written(sorted, ten, 1)).hasSize(10).isEqualTo(written(sorted, ten, 1));
        assertThat(written(sorted, ten, 1)).isNotEqualTo(written(sorted, ten, 2));
        List<String> all = written(sorted, null, 1);
        assertThat(written(sorted, ten, 1).stream().map(all::indexOf).toList()).isSorted();
    }

    @Test
    void rowsWithoutLabelsAreDrawnByTheSeedAndRowsWithSeveralByTheirFirstOne() {
        String texts = IntStream.range(0, 100)
                .mapToObj(i -> "{\"text\":\"text " + i + "\",\"split\":\"train\"}")
                .collect(Collectors.joining("\n"));
        String plain = api.upload("texts.jsonl", texts.getBytes(StandardCharsets.UTF_8), Map.of("task", "masked-lm"))
                .text("id");
        List<String> all = written(plain, null, 1);
        List<String> drawn = written(plain, new Subset(10, null), 1);
        assertThat(drawn).hasSize(10).isNotEqualTo(all.subList(0, 10));
        assertThat(all.indexOf(drawn.get(9))).isGreaterThan(50);

        String several = IntStream.range(0, 100)
                .mapToObj(i -> "{\"text\":\"text %d\",\"labels\":%s,\"split\":\"train\"}"
                        .formatted(i, i < 96 ? "[\"a\"]" : "[\"b\"]"))
                .collect(Collectors.joining("\n"));
        String labels = api.upload("labels.jsonl", several).text("id");
        assertThat(written(labels, new Subset(5, null), 1))
                .filteredOn(line -> line.contains("[\"b\"]"))
                .hasSize(1);
    }

    @Test
    void theSubsetIsShownAndDecidesWhatIsChosen() {
        JsonNode job = submit("\"subset\":{\"fraction\":0.5}");

        assertThat(job.get("subset")).isEqualTo(json("{\"fraction\":0.5}"));
    }

    @Test
    void anEstimateCountsStepsAndTrainedWeightsAndQueuesNothing() {
        long jobs = jobs();
        JsonNode full = estimate("\"hyperparameters\":{\"epochs\":2,\"batch_size\":8}");
        JsonNode head = estimate("\"method\":{\"type\":\"head\"},\"hyperparameters\":{\"batch_size\":8}");
        JsonNode lora = estimate(
                "\"method\":{\"type\":\"lora\"},\"subset\":{\"rows\":10}," + "\"hyperparameters\":{\"batch_size\":8}");

        assertThat(full.get("train_rows").asInt()).isEqualTo(80);
        assertThat(full.get("steps").asInt()).isEqualTo(20);
        assertThat(full.get("trained_parameters")).isEqualTo(full.get("parameters"));
        assertThat(full.get("seconds").isNull()).isTrue();
        assertThat(head.get("trained_parameters").asInt()).isEqualTo(384 * 384 + 384 + 2 * 384 + 2);
        assertThat(lora.get("train_rows").asInt()).isEqualTo(10);
        assertThat(lora.get("trained_parameters").asInt())
                .isEqualTo(head.get("trained_parameters").asInt() + 6 * 2 * 8 * (384 + 384));
        assertThat(head.get("memory_bytes").asLong())
                .isLessThan(lora.get("memory_bytes").asLong());
        assertThat(lora.get("memory_bytes").asLong())
                .isLessThan(full.get("memory_bytes").asLong()
                        + 2 * full.get("memory_bytes").asLong());
        assertThat(jobs()).isEqualTo(jobs);
    }

    @Test
    void theEstimateIsThatWithGradientCheckpointingUnlessTheJobRefusesIt() {
        JsonNode either = estimate("\"hyperparameters\":{\"gradient_checkpointing\":\"auto\"}");
        JsonNode with = estimate("\"hyperparameters\":{\"gradient_checkpointing\":true}");
        JsonNode without = estimate("\"hyperparameters\":{\"gradient_checkpointing\":false}");

        assertThat(either.get("hyperparameters").get("gradient_checkpointing").isNull())
                .isTrue();
        assertThat(with.get("hyperparameters").get("gradient_checkpointing").asBoolean())
                .isTrue();
        assertThat(either.get("memory_bytes")).isEqualTo(with.get("memory_bytes"));
        assertThat(without.get("memory_bytes")).isEqualTo(without.get("memory_bytes_without_checkpointing"));
        assertThat(with.get("memory_bytes").asLong())
                .isLessThan(without.get("memory_bytes").asLong());
    }

    @Test
    void anEstimateOfAMaskedModelCountsThePiecesOfLongTexts() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 10; i++) {
            csv.append("word ".repeat(1000)).append(i).append(i % 2 == 0 ? ",a,train\n" : ",b,train\n");
        }
        String texts = api.upload("long.csv", csv.toString()).text("id");
        JsonNode estimate = estimate(
                "\"dataset\":\"" + texts + "\",\"task\":\"masked-lm\",\"hyperparameters\":{\"max_length\":100}");

        assertThat(estimate.get("train_rows").asInt()).isEqualTo(10);
        assertThat(estimate.get("train_examples").asInt()).isBetween(100, 120);
    }

    @Test
    void secondsFollowFromJobsThatWereRun() {
        String body = "\"hyperparameters\":{\"epochs\":3}";
        String id = submit(body).get("id").asString();
        jdbc.sql("update jobs set status = 'succeeded' where id = ?").param(id).update();
        jdbc.sql("insert into job_metrics values (?, 1, '{\"examples_per_second\": 40}'),"
                        + " (?, 2, '{\"examples_per_second\": 80}')")
                .params(id, id)
                .update();

        JsonNode estimate = estimate(body);
        long evaluations = 4 * estimate.get("validation_rows").asLong()
                + estimate.get("test_rows").asLong();
        assertThat(evaluations).as("each epoch, and once for the temperature").isEqualTo(4 * 10 + 10);
        assertThat(estimate.get("seconds").asDouble())
                .as("an evaluation that was not measured takes a third")
                .isCloseTo(3 * 80 / 60.0 + (evaluations + FORGETTING + BASELINE) / 180.0, within(1e-9));

        jdbc.sql("update job_metrics set metrics = metrics || '{\"evaluated_per_second\": 20}' where job_id = ?")
                .param(id)
                .update();
        assertThat(estimate(body).get("seconds").asDouble())
                .isCloseTo(3 * 80 / 60.0 + (evaluations + FORGETTING + BASELINE) / 20.0, within(1e-9));
        assertThat(estimate("\"hyperparameters\":{\"epochs\":3,\"evaluation_rows\":4}")
                        .get("seconds")
                        .asDouble())
                .isCloseTo(3 * 80 / 60.0 + (20 + FORGETTING + 80 + 4) / 20.0, within(1e-9));
        assertThat(estimate("\"hyperparameters\":{\"epochs\":3,\"eval_steps\":2}")
                        .get("seconds")
                        .asDouble())
                .as("six more validations than epochs")
                .isCloseTo(3 * 80 / 60.0 + (evaluations + 6 * 10 + FORGETTING + BASELINE) / 20.0, within(1e-9));
        assertThat(estimate(body + ",\"retain_dataset\":\"" + dataset + "\"")
                        .get("seconds")
                        .asDouble())
                .isCloseTo(3 * 80 / 60.0 + (evaluations + FORGETTING + BASELINE + 2 * 100) / 20.0, within(1e-9));
        // Jobs from before the option long_texts have truncated.
        jdbc.sql("update jobs set spec = spec #- '{task_options,long_texts}' where id = ?")
                .param(id)
                .update();
        assertThat(estimate(body).get("seconds").isNull()).isFalse();
        assertThat(estimate(body + ",\"task_options\":{\"long_texts\":\"windows\"}")
                        .get("seconds")
                        .isNull())
                .isTrue();
        assertThat(estimate("\"method\":{\"type\":\"frozen\"}").get("seconds").isNull())
                .isTrue();
        jdbc.sql("delete from jobs where id = ?").param(id).update();
    }

    @Test
    void secondsCountWhatEarlierJobsTookOutsideOfTheirEpochs() {
        String body = "\"hyperparameters\":{\"epochs\":3}";
        String id = ended(body, 70, "{\"examples_per_second\": 40, \"evaluated_per_second\": 20, \"seconds\": 10}");
        double besides = 70 - 10 - (5 + 5 + FORGETTING + 40 + 5) / 20.0;
        assertThat(estimate(body).get("seconds").asDouble())
                .as("to start and to store the model")
                .isCloseTo(3 * 80 / 40.0 + (4 * 10 + 10 + FORGETTING + BASELINE) / 20.0 + besides, within(1e-3));
        jdbc.sql("update jobs set attempt = 2 where id = ?").param(id).update();
        assertThat(estimate(body).get("seconds").asDouble())
                .as("the time of a lost attempt does not count")
                .isCloseTo(3 * 80 / 40.0 + (4 * 10 + 10 + FORGETTING + BASELINE) / 20.0, within(1e-3));
        jdbc.sql("delete from jobs where id = ?").param(id).update();
    }

    @Test
    void secondsCountABaselineOfAnEarlierJobUpToItsLimit() {
        String body = "\"hyperparameters\":{\"epochs\":3}";
        String id = ended(body, 800, "{\"examples_per_second\": 40, \"evaluated_per_second\": 0.3, \"seconds\": 10}");
        double besides = 800 - 10 - (5 + 5 + FORGETTING) / 0.3 - FeatureHead.SECONDS;
        assertThat(estimate(body).get("seconds").asDouble())
                .isCloseTo(
                        3 * 80 / 40.0 + (4 * 10 + 10 + FORGETTING) / 0.3 + FeatureHead.SECONDS + besides, within(1e-3));
        jdbc.sql("delete from jobs where id = ?").param(id).update();
    }

    /** The frozen layers compute each row once, so a validation is no measure of the whole model. */
    @Test
    void secondsOfAHeadFollowFromWhatATextTookOutsideOfTheEpochs() {
        String body = "\"method\":{\"type\":\"head\"},\"hyperparameters\":{\"epochs\":3}";
        String id = ended(body, 70, "{\"examples_per_second\": 800, \"evaluated_per_second\": 2000, \"seconds\": 4}");
        double ofText = (70 - 4) / (40 + 5 + 5 + 5 + FORGETTING + 40.0 + 5);
        assertThat(estimate(body).get("seconds").asDouble())
                .isCloseTo(
                        3 * 80 / 800.0 + 3 * 10 / 2000.0 + (80 + 10 + 10 + 10 + FORGETTING + BASELINE) * ofText,
                        within(1e-3));
        jdbc.sql("update jobs set attempt = 2 where id = ?").param(id).update();
        assertThat(estimate(body).get("seconds").isNull()).isTrue();
        jdbc.sql("delete from jobs where id = ?").param(id).update();
    }

    /** Returns the id of a job with 40 training, 5 validation and 5 test rows that succeeded after one epoch. */
    private String ended(String body, int seconds, String metrics) {
        String id = submit(body).get("id").asString();
        jdbc.sql("""
                        update jobs set status = 'succeeded', attempt = 1, started_at = timestamptz '2026-11-30 10:00:00Z',
                            finished_at = timestamptz '2026-11-30 10:00:00Z' + make_interval(secs => ?) where id = ?""").params(seconds, id).update();
        jdbc.sql("insert into job_metrics values (?, 1, ?::jsonb)")
                .params(id, metrics)
                .update();
        jdbc.sql("insert into job_events (job_id, id, type, data) values (?, 9, 'log', ?::jsonb)")
                .params(id, """
                        {"level": "info", "message": "training starts",
                         "data": {"train_examples": 40, "validation_examples": 5, "test_examples": 5}}""")
                .update();
        return id;
    }

    /** A language model is also evaluated before the training; without test rows, the report evaluates the validation rows again. */
    @Test
    void secondsCountTheExamplesOfEachEvaluation() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 14; i++) {
            String label = i % 2 == 0 ? ",a" : ",b";
            csv.append("word ".repeat(1000)).append(i).append(label).append(i < 10 ? ",train\n" : ",validation\n");
        }
        String texts = api.upload("validated.csv", csv.toString()).text("id");
        String body = "\"dataset\":\"" + texts
                + "\",\"task\":\"masked-lm\",\"hyperparameters\":{\"max_length\":100,\"epochs\":3}";
        String id = submit(body).get("id").asString();
        jdbc.sql("update jobs set status = 'succeeded' where id = ?").param(id).update();
        jdbc.sql("insert into job_metrics values"
                        + " (?, 1, '{\"examples_per_second\": 10, \"evaluated_per_second\": 20}')")
                .param(id)
                .update();

        JsonNode estimate = estimate(body);
        double examples = estimate.get("train_examples").asDouble();
        assertThat(estimate.get("seconds").asDouble())
                .isCloseTo(3 * examples / 10 + ((3 + 1 + 1) * 4 * examples / 10 + FORGETTING) / 20, within(1e-9));
        jdbc.sql("delete from jobs where id = ?").param(id).update();
    }

    /** A window has 30 words and 23 more than the one before it, so a row of 100 words has five. */
    @Test
    void theEstimateCountsTheWindowsOfLongRows() {
        StringBuilder tagged = new StringBuilder();
        StringBuilder texts = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 20; i++) {
            int words = i % 2 == 0 ? 100 : 5;
            tagged.append("{\"tokens\":[\"film\"").append(",\"film\"".repeat(words - 1));
            tagged.append("],\"tags\":[\"B-X\"").append(",\"O\"".repeat(words - 1));
            tagged.append("],\"split\":\"train\"}\n");
            texts.append("film ".repeat(words)).append(i % 4 < 2 ? ",a,train\n" : ",b,train\n");
        }
        String chosen = "\",\"hyperparameters\":{\"max_length\":32,\"epochs\":2,\"batch_size\":4}";
        String words =
                "\"dataset\":\"" + api.upload("tagged.jsonl", tagged.toString()).text("id") + chosen;
        String labeled =
                "\"dataset\":\"" + api.upload("texts.csv", texts.toString()).text("id") + chosen;
        String windows = ",\"task_options\":{\"long_texts\":\"windows\"}";

        for (JsonNode estimate : List.of(estimate(words), estimate(labeled + windows))) {
            assertThat(estimate.get("train_rows").asInt()).isEqualTo(20);
            assertThat(estimate.get("train_examples").asInt()).isEqualTo(10 * 5 + 10);
            assertThat(estimate.get("steps").asInt()).isEqualTo(2 * 15);
        }
        assertThat(estimate(labeled).get("train_examples").asInt()).isEqualTo(20);
        assertThat(estimate(words.replace("32", "128")).get("train_examples").asInt())
                .isEqualTo(20);
    }

    @Test
    void aFewTrainingRowsAreNotEvaluatedOnAllOthers() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 1520; i++) { // sorted by label, as files often are
            String label = i < 1400 ? "a" : "b";
            csv.append("text ").append(i).append(',').append(label).append(i % 76 == 0 ? ",train\n" : ",test\n");
        }
        String id = api.upload("sorted.csv", csv.toString()).text("id");

        JsonNode estimate = estimate("\"dataset\":\"" + id + "\"");
        assertThat(estimate.get("train_rows").asInt()).isEqualTo(20);
        assertThat(estimate.get("test_rows").asInt()).isEqualTo(1000);
        assertThat(estimate.get("validation_rows").asInt()).isZero();
        assertThat(estimate.get("hyperparameters").get("evaluation_rows").asInt())
                .isEqualTo(1000);

        List<String> drawn = evaluated(id, "test", 50);
        assertThat(drawn).hasSize(50).isEqualTo(evaluated(id, "test", 50)).doesNotHaveDuplicates();
        assertThat(drawn.stream().filter(row -> row.contains("\"label\": \"b\"")))
                .hasSizeBetween(3, 5);
        assertThat(evaluated(id, "test", 5000)).hasSize(1500);
    }

    /** 40 of 1,000 rows are the only ones of their labels. */
    @Test
    void rareLabelsAreEvaluatedAsOftenAsTheyOccur() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 1000; i++) {
            String label = i < 40 ? "rare" + i : i % 2 == 0 ? "a" : "b";
            csv.append("text ").append(i).append(',').append(label).append(",test\n");
            csv.append(i < 42 ? "other " + i + "," + label + ",train\n" : "");
        }
        String id = api.upload("rare.csv", csv.toString()).text("id");

        assertThat(evaluated(id, "test", 100).stream().filter(row -> row.contains("rare")))
                .hasSizeBetween(1, 9);
    }

    private List<String> evaluated(String id, String split, long most) {
        StringWriter out = new StringWriter();
        evaluationRows.write(id, split, most, 42, out);
        return out.toString().lines().toList();
    }

    @Test
    void theColumnsOfTheDatasetMakeItMultiLabel() {
        String several = api.upload("several.jsonl", """
                        {"text":"one","labels":["a","b"],"split":"train"}
                        {"text":"two","labels":["a"],"split":"train"}
                        {"text":"three","labels":[],"split":"train"}
                        {"text":"four","labels":["b"],"split":"validation"}
                        """).text("id");
        JsonNode job = submit("\"dataset\":\"" + several + "\",\"early_stopping\":{\"metric\":\"f1_micro\"}");

        assertThat(job.get("task").asString()).isEqualTo("text-classification");
        assertThat(job.get("task_options"))
                .isEqualTo(json("{\"multi_label\":true,\"long_texts\":\"truncate\",\"calibrate\":false}"));
        String denied = "\"dataset\":\"" + several + "\",\"task_options\":{\"multi_label\":false}";
        assertThat(api.post("/api/v1/jobs", body(denied)).code()).isEqualTo("dataset_does_not_fit");
        String weighed = "\"dataset\":\"" + several + "\",\"hyperparameters\":{\"class_weights\":\"balanced\"}";
        assertThat(api.post("/api/v1/jobs", body(weighed)).code()).isEqualTo("not_of_task");
        assertThat(api.post("/api/v1/jobs", body("\"test_dataset\":\"" + several + "\""))
                        .detail())
                .contains("contains texts with any number of labels", "contains texts with one label each");
    }

    @Test
    void taggedWordsTeachTagsOfWhichEachEntityCanBegin() {
        String tagged = api.upload("tagged.jsonl", """
                        {"tokens":["EU","rejects","it"],"tags":["B-ORG","O","O"],"split":"train"}
                        {"tokens":["European","Union"],"tags":["B-ORG","I-ORG"],"split":"train"}
                        {"tokens":["It","rains"],"tags":["O","O"],"split":"test"}
                        """).text("id");
        JsonNode job = submit("\"dataset\":\"" + tagged + "\",\"hyperparameters\":{\"class_weights\":\"balanced\"}");

        assertThat(job.get("task").asString()).isEqualTo("token-classification");
        assertThat(weights(job).get("I-ORG").asDouble()).isEqualTo(5 / 3.0);
        assertThat(weights(job).get("B-ORG").asDouble()).isEqualTo(5 / 6.0);
        assertThat(jdbc.sql("select spec ->> 'labels' from jobs where id = ?")
                        .param(job.get("id").asString())
                        .query(String.class)
                        .single())
                .isEqualTo("[\"O\", \"B-ORG\", \"I-ORG\"]");
        Answer refused =
                api.post("/api/v1/jobs", body("\"dataset\":\"" + tagged + "\",\"hyperparameters\":{\"eval_steps\":5}"));
        assertThat(refused.code()).isEqualTo("no_validation_rows");
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo("hyperparameters.eval_steps");
        String masked = "\"dataset\":\"" + tagged + "\",\"task\":\"masked-lm\"";
        assertThat(api.post("/api/v1/jobs", body(masked)).detail()).contains("contains words with tags, which suit");
    }

    @Test
    void scoresTrainARegressionWhoseMetricsAreItsOwn() {
        byte[] csv = "text,score,split\na,1.5,train\nb,2.5,train\nc,3,validation\n".getBytes();
        String scored =
                api.upload("scored.csv", csv, Map.of("task", "text-regression")).text("id");
        JsonNode job = submit("\"dataset\":\"" + scored + "\",\"early_stopping\":{\"metric\":\"pearson\"}");

        assertThat(job.get("task").asString()).isEqualTo("text-regression");
        assertThat(job.get("early_stopping")).isEqualTo(json("""
                {"metric":"pearson","patience":2,"min_delta":0.0}"""));
        assertThat(estimate("\"dataset\":\"" + scored + "\",\"method\":{\"type\":\"head\"}")
                        .get("trained_parameters")
                        .asInt())
                .isEqualTo(384 * 384 + 384 + 384 + 1);
    }

    @Test
    void anEstimateRefusesWhatTheQueueWouldRefuse() {
        Answer refused = api.post("/api/v1/jobs/estimate", body("\"base_model\":\"all-MiniLM-L6-v3\""));

        assertThat(refused.code()).isEqualTo("unknown_base_model");
    }

    /** Forty rows of a, ten of b, which are the first of all, and all are for training. */
    private String uneven() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 50; i++) {
            csv.append("text ").append(i).append(i < 20 && i % 2 == 0 ? ",b,train\n" : ",a,train\n");
        }
        return api.upload("uneven.csv", csv.toString()).text("id");
    }

    private List<String> written(String id, Subset subset, long seed) {
        StringWriter out = new StringWriter();
        rows.write(id, subset, seed, out);
        return out.toString().lines().toList();
    }

    private long jobs() {
        return jdbc.sql("select count(*) from jobs").query(Long.class).single();
    }

    private static JsonNode weights(JsonNode job) {
        return job.get("hyperparameters").get("class_weights");
    }

    private static JsonNode json(String text) {
        return Json.MAPPER.readTree(text);
    }

    private Answer create(String fields) {
        return api.post("/api/v1/jobs", body(fields));
    }

    private JsonNode submit(String fields) {
        Answer answer = create(fields);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.json();
    }

    private JsonNode estimate(String fields) {
        Answer answer = api.post("/api/v1/jobs/estimate", body(fields));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json();
    }

    private String body(String fields) {
        return Json.MAPPER
                .createObjectNode()
                .put("base_model", "all-MiniLM-L6-v2")
                .put("dataset", dataset)
                .setAll((ObjectNode) Json.MAPPER.readTree("{" + fields + "}"))
                .toString();
    }
}
