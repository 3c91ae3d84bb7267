package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.EVALUATIONS;
import static dev.anneal.job.evaluate.EvaluationApi.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Requests for evaluations that cannot be fulfilled. No worker computes anything. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvaluationRefusalTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    private EvaluationApi calls;
    private String dataset;

    @BeforeAll
    void prepare() throws IOException {
        calls = new EvaluationApi(
                api,
                models.add(
                                "tiny",
                                "default",
                                TestModels.tiny(TestServer.newDirectory().resolve("tiny"), "negative", "positive"))
                        .getId());
        dataset = upload("{\"text\":\"wet and cold %d\",\"label\":\"%l\"}", Map.of());
    }

    private String upload(String row, Map<String, String> fields) {
        Answer answer = api.upload("rows.jsonl", lines(20, row), fields);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.text("id");
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        String scores = upload("{\"text\":\"wet and cold %d\",\"score\":%d}", Map.of("task", "text-regression"));
        String train = upload(
                "{\"text\":\"wet and cold %d\",\"label\":\"%l\"}", Map.of("split", "{\"validation\":0,\"test\":0}"));

        assertThat(calls.create("", scores).code()).isEqualTo("dataset_does_not_fit");
        assertThat(calls.create("", scores).detail()).contains("texts with a score", "texts with one label each");
        Answer empty = calls.create("", train);
        assertThat(empty.code()).isEqualTo("no_rows");
        assertThat(empty.detail()).contains("no test rows").contains("train (20 rows) or all");
        assertThat(new EvaluationApi(api, "all-MiniLM-L6-v2")
                        .create("", dataset)
                        .code())
                .isEqualTo("model_does_not_fit");
        assertThat(new EvaluationApi(api, "nope").create("", dataset).code()).isEqualTo("unknown_model");
        assertThat(calls.create("", "nope").code()).isEqualTo("unknown_dataset");
        assertThat(calls.create("\"split\":\"dev\"", dataset).code()).isEqualTo("unknown_split");
        assertThat(calls.create("\"labels\":{}", dataset).code()).isEqualTo("unknown_field");
        assertThat(calls.create("\"precision\":\"fp16\"", dataset).code()).isEqualTo("unknown_precision");
    }

    @Test
    void labelsWithOtherNamesNeedAMap() {
        String renamed = upload("{\"text\":\"wet and cold %d\",\"label\":\"very %l\"}", Map.of());

        Answer refused = calls.create("\"split\":\"all\"", renamed);
        assertThat(refused.code()).isEqualTo("unknown_label");
        assertThat(refused.detail()).contains("very negative", "very positive", "'label_map'");
        assertThat(calls.create("\"label_map\":{\"very positive\":\"nice\"}", renamed)
                        .detail())
                .contains("'nice', which is not a label of the model");
        assertThat(calls.create("\"label_map\":{\"fine\":\"positive\"}", renamed)
                        .detail())
                .contains("'fine', which is not a label of the dataset");
    }

    @Test
    void aFilterForALabelThatTheModelDoesNotHaveIsRefused() {
        String id = calls.create("\"split\":\"all\"", dataset).text("id");

        for (String path : List.of("/predictions", "/predictions.csv")) {
            Answer refused = api.get(EVALUATIONS + "/" + id + path + "?label=Positiv");
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("unknown_label");
            assertThat(refused.detail()).contains("Did you mean 'positive'?");
            assertThat(api.get(EVALUATIONS + "/" + id + path).code()).isEqualTo("no_predictions");
        }
        assertThat(api.get(EVALUATIONS + "/" + id + "/report").code()).isEqualTo("no_report");
    }
}
