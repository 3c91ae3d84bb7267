package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.RegressionReport;
import dev.anneal.evaluation.Truncation;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.job.Jobs;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.worker.executor.Slot;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Rows of a named dataset that a job also trains on. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class SharedRowsWarningTest {
    @Autowired
    Api api;

    @Autowired
    TestJobs testJobs;

    @Autowired
    JobQueue queue;

    @Autowired
    JobEvents events;

    @Autowired
    Jobs jobs;

    @Autowired
    WorkDirectory directory;

    @Autowired
    JdbcClient jdbc;

    @BeforeEach
    @AfterEach
    void noJobs() {
        testJobs.deleteAll();
    }

    private String upload(String name, String rows) {
        return api.upload(name, "text,label,split\n" + rows).text("id");
    }

    /** Prepares a job with a dataset for tests. Returns the messages of its warnings. */
    private String prepare(String training, String tests, String... warned) throws IOException {
        String id = testJobs.submit("\"dataset\":\"" + training + "\"", "\"test_dataset\":\"" + tests + "\"");
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        for (int i = 0; i < 2; i++) { // a later attempt does not warn again
            directory.prepare(jobs.findById(id).orElseThrow(), attempt, new Slot("cpu", "cpu", 1, null), () -> false);
            directory.remove(attempt);
        }
        assertThat(events.sharedRows(id))
                .extracting(shared -> shared.get("dataset").asString())
                .containsExactly(warned);
        return testJobs.events(id)
                .valueStream()
                .filter(event -> event.get("data").path("level").asString("").equals("warn"))
                .map(event -> event.get("data").get("message").asString())
                .reduce("", String::concat);
    }

    @Test
    void aReportCountsTheRowsThatAreSharedWithTraining() throws IOException {
        String training = upload("training.csv", "one,a,train\ntwo,a,train\nthree,b,train\nfour,b,train\n");
        String shared = upload("shared.csv", "one,a,test\nfour,b,test\n");
        String id = testJobs.submit("\"dataset\":\"" + training + "\"", "\"test_dataset\":\"" + shared + "\"");
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        directory.prepare(jobs.findById(id).orElseThrow(), attempt, new Slot("cpu", "cpu", 1, null), () -> false);
        directory.remove(attempt);
        RegressionPredictions predictions = new RegressionPredictions(new double[] {1, 2}, new float[] {1, 3});
        jdbc.sql("update jobs set report = cast(? as jsonb) where id = ?")
                .params(Json.write(RegressionReport.of("test", predictions, Truncation.NONE, i -> "text", true)), id)
                .update();

        JsonNode warnings = api.get("/api/v1/jobs/" + id + "/report").json().get("dataset_warnings");
        assertThat(warnings.valueStream()
                        .filter(warning -> warning.get("code").asString().equals("shared_with_training"))
                        .map(warning -> warning.get("dataset").asString() + " " + warning.get("count")))
                .containsExactly(shared + " 2");
    }

    @Test
    void rowsAreNotComparedForAnAttemptThatEnds() throws IOException {
        String training = upload("training.csv", "one,a,train\ntwo,a,train\nthree,b,train\nfour,b,train\n");
        String shared = upload("shared.csv", "one,a,test\nfour,b,test\n");
        String id = testJobs.submit("\"dataset\":\"" + training + "\"", "\"test_dataset\":\"" + shared + "\"");
        Attempt attempt = queue.claim("w1", null).orElseThrow();

        directory.prepare(jobs.findById(id).orElseThrow(), attempt, new Slot("cpu", "cpu", 1, null), () -> true);
        directory.remove(attempt);

        assertThat(events.sharedRows(id)).isEmpty();
    }

    @Test
    void aJobWarnsOfRowsForTestsThatItTrainsOn() throws IOException {
        String training =
                upload("training.csv", "one,a,train\ntwo,a,train\nthree,b,train\nfour,b,train\nheld,a,test\n");
        String shared = upload("shared.csv", "ONE,a,test\nfour,b,test\nheld,a,test\n");
        String own = upload("own.csv", "five,a,test\nheld,a,test\n");

        String warning = prepare(training, shared, shared);

        assertThat(warning)
                .containsOnlyOnce("2 test rows of the dataset 'shared.csv' have the text of a training row")
                .doesNotContain("no_training_rows");
        JsonNode kept = api.get("/api/v1/datasets/" + own + "/problems?code=no_training_rows")
                .json()
                .get("data");
        assertThat(kept).hasSize(1);
        testJobs.deleteAll();
        assertThat(prepare(training, own)).doesNotContain("training row");
    }
}
