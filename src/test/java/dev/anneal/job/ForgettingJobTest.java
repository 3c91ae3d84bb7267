package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Jobs with remedies against forgetting, before a worker takes them and after they have ended. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class ForgettingJobTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    private String dataset;
    private String other;

    @BeforeEach
    void upload() {
        dataset = api.upload("reviews.csv", Reviews.csv(100), Map.of()).text("id");
        other = api.upload("other.csv", Reviews.csv(60), Map.of()).text("id");
    }

    @Test
    void datasetsToReplayAndToRetainAreNamedByNameOrId() {
        String name = api.get("/api/v1/datasets/" + other).text("name");
        JsonNode job = submit(Map.of("replay", Map.of("dataset", name, "share", 0.2), "retain_dataset", name))
                .json();

        assertThat(job.path("replay")).isEqualTo(Json.MAPPER.valueToTree(Map.of("dataset", other, "share", 0.2)));
        assertThat(job.path("retain_dataset").asString()).isEqualTo(other);
        assertThat(submit(Map.of("replay", Map.of("dataset", other)))
                        .json()
                        .path("replay")
                        .path("share")
                        .asDouble())
                .isEqualTo(0.1);
        assertThat(submit(Map.of()).json().path("replay").isNull()).isTrue();
    }

    @Test
    void aDatasetThatAJobWillReplayOrRetainIsInUse() {
        submit(Map.of("replay", Map.of("dataset", other)));
        assertThat(api.delete("/api/v1/datasets/" + other).code()).isEqualTo("dataset_in_use");

        jdbc.sql("delete from jobs").update();
        submit(Map.of("retain_dataset", other));
        assertThat(api.delete("/api/v1/datasets/" + other).code()).isEqualTo("dataset_in_use");

        jdbc.sql("delete from jobs").update();
        assertThat(api.delete("/api/v1/datasets/" + other).status()).isEqualTo(204);
    }

    /** The dataset has 80 training rows, so a fifth of all are 20. The other one has fewer than half of them. */
    @Test
    void theEstimateCountsTheRowsThatAreReplayed() {
        long there = api.get("/api/v1/datasets/" + other)
                .json()
                .path("splits")
                .path("train")
                .asLong();

        assertThat(estimate(Map.of()).path("train_rows").asLong()).isEqualTo(80);
        JsonNode fifth = estimate(Map.of("replay", Map.of("dataset", other, "share", 0.2)));
        assertThat(fifth.path("train_rows").asLong()).isEqualTo(100);
        assertThat(fifth.path("train_examples").asLong()).isEqualTo(100);
        assertThat(fifth.path("steps").asLong())
                .isEqualTo(7 * fifth.path("epochs").asLong());
        assertThat(estimate(Map.of("replay", Map.of("dataset", other, "share", 0.9)))
                        .path("train_rows")
                        .asLong())
                .isEqualTo(80 + there);
    }

    @Test
    void theEstimateHasTheMemoryOfTheBaseThatWeightsStayNear() {
        JsonNode plain = estimate(Map.of());

        long pulled = memory(Map.of("l2_to_base", 10));

        assertThat(pulled - plain.path("memory_bytes").asLong())
                .as("four bytes for each weight but those of the new head")
                .isCloseTo(4 * plain.path("parameters").asLong(), within(4L * 1_000_000));
        assertThat(memory(Map.of("unfreeze_rank_ratio", 0.5))).isGreaterThan(pulled);
    }

    private long memory(Map<String, Object> hyperparameters) {
        return estimate(Map.of("hyperparameters", hyperparameters))
                .path("memory_bytes")
                .asLong();
    }

    @Test
    void rowsThatCannotBeTrainedTogetherAreRefused() {
        String words = api.upload(
                        "tagged.jsonl",
                        IntStream.range(0, 20)
                                .mapToObj(i -> "{\"tokens\":[\"word\",\"%d\"],\"tags\":[\"B-X\",\"O\"]}".formatted(i))
                                .collect(Collectors.joining("\n")))
                .text("id");
        String labels = api.upload(
                        "labels.csv",
                        "text,label\n"
                                + IntStream.range(0, 20)
                                        .mapToObj(i -> "text " + i + (i % 2 == 0 ? ",positive" : ",mixed"))
                                        .collect(Collectors.joining("\n")))
                .text("id");

        assertRefused(Map.of("replay", Map.of("dataset", dataset)), "replay.dataset", "same_dataset", "Name another");
        assertRefused(
                Map.of("replay", Map.of("dataset", words)),
                "replay.dataset",
                "dataset_does_not_fit",
                "contains words with tags");
        assertRefused(Map.of("replay", Map.of("dataset", labels)), "replay.dataset", "unknown_label", "mixed");
        assertRefused(
                Map.of("task", "masked-lm", "replay", Map.of("dataset", words)),
                "replay.dataset",
                "dataset_does_not_fit",
                "The task masked-lm needs texts");
        assertThat(submit(Map.of("task", "masked-lm", "replay", Map.of("dataset", labels)))
                        .status())
                .isEqualTo(201);
        assertThat(submit(Map.of("retain_dataset", words)).status()).isEqualTo(201);
        String chats = api.upload(
                        "chats.jsonl",
                        IntStream.range(0, 20)
                                .mapToObj(i -> "{\"prompt\":\"How %d?\",\"completion\":\"So.\"}".formatted(i))
                                .collect(Collectors.joining("\n")))
                .text("id");
        assertRefused(
                Map.of("retain_dataset", chats),
                "retain_dataset",
                "dataset_does_not_fit",
                "contains prompts with completions");
    }

    @Test
    void aWrongFieldOfReplayIsNamed() {
        assertRefused(
                Map.of("replay", Map.of("dataset", "ds_nope")),
                "replay.dataset",
                "unknown_dataset",
                "no dataset 'ds_nope'");
        assertRefused(
                Map.of("replay", Map.of("dataset", other, "share", 0.95)),
                "replay.share",
                "out_of_range",
                "from 0.01 to 0.9");
        assertRefused(
                Map.of("replay", Map.of("dataset", other, "rate", 0.1)), "replay.rate", "unknown_field", "replay.rate");
        assertRefused(
                Map.of("hyperparameters", Map.of("replay", Map.of("dataset", other))),
                "hyperparameters.replay",
                "unknown_hyperparameter",
                "Did you mean 'replay'?");
    }

    @Test
    void replayedRowsAreInNoFold() {
        Map<String, Object> replay = Map.of("dataset", other);
        assertRefused(Map.of("replay", replay, "folds", 2), "replay", "conflicting_options", "Omit one of them");
        assertRefused(
                Map.of("replay", replay, "data_curve", true), "replay", "conflicting_options", "Omit one of them");
    }

    private void assertRefused(Map<String, Object> fields, String field, String code, String detail) {
        Answer refused = submit(fields);
        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
        assertThat(refused.json().path("errors").get(0).path("field").asString())
                .isEqualTo(field);
    }

    /** Jobs that differ in more than the remedies say nothing about them. */
    @Test
    void theReportComparesAJobWithTheSameOneWithoutItsRemedies() {
        String old = ended(Map.of(), 0.9, 0.4);
        String plain = ended(Map.of(), 0.5, 0.4);
        ended(Map.of("hyperparameters", Map.of("seed", 7)), 0.7, 0.4);
        ended(Map.of("hyperparameters", Map.of("l2_to_base", 3)), 0.6, 0.4);
        String remedied = ended(
                Map.of(
                        "hyperparameters",
                        Map.of("l2_to_base", 10),
                        "replay",
                        Map.of("dataset", other),
                        "retain_dataset",
                        other),
                0.2,
                0.42);

        JsonNode without = forgetting(remedied).path("without_remedies");
        assertThat(without.path("job").asString()).isEqualTo(plain).isNotEqualTo(old);
        assertThat(without.path("change").asDouble()).isEqualTo(0.5);
        assertThat(without.path("loss").asDouble()).isEqualTo(0.4);
        assertThat(without.path("message").asString())
                .contains(
                        "the change on general text is 0.500, and with them it is 0.200, -60 %.",
                        "The loss of this report is 0.400 without them and 0.420 with them, +5.0 %.");
        assertThat(forgetting(plain).path("without_remedies").isNull()).isTrue();
    }

    private JsonNode forgetting(String job) {
        return api.get("/api/v1/jobs/" + job + "/report").json().path("forgetting");
    }

    /** Returns a job that succeeded with such a report. */
    private String ended(Map<String, Object> fields, double change, double loss) {
        String id = submit(fields).text("id");
        String report = """
                {"task": "text-classification", "split": "test", "examples": 10, "truncated": 0, "loss": %s,
                 "forgetting": {"measure": "similarity", "message": "It moved.",
                   "probe": {"texts": 40, "left_out": 0, "compared": 40, "before": 0.4, "after": 0.5, "change": %s, "agreement": null}}}""".formatted(loss, change);
        jdbc.sql("update jobs set status = 'succeeded', finished_at = now(), report = ?::jsonb where id = ?")
                .params(report, id)
                .update();
        return id;
    }

    private JsonNode estimate(Map<String, Object> fields) {
        return api.post("/api/v1/jobs/estimate", body(fields)).json();
    }

    private Answer submit(Map<String, Object> fields) {
        return api.post("/api/v1/jobs", body(fields));
    }

    private String body(Map<String, Object> fields) {
        Map<String, Object> body = new HashMap<>(Map.of("base_model", "all-MiniLM-L6-v2", "dataset", dataset));
        body.putAll(fields);
        return Json.write(body);
    }
}
