package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.List;
import java.util.Map;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The jobs of a server whose worker is the test itself: submits them, reads them, and lets their times run out. */
@Lazy
@TestComponent
public class TestJobs {
    private final Api api;
    private final JdbcClient jdbc;
    private String dataset;

    TestJobs(Api api, JdbcClient jdbc) {
        this.api = api;
        this.jdbc = jdbc;
    }

    /**
     * Deletes all jobs, workers and projects but the default one, which gets its default weight and limit. What other
     * tests left in the deleted projects goes with them, because classes run in any order.
     */
    public void deleteAll() {
        jdbc.sql("delete from jobs").update();
        jdbc.sql("delete from workers").update();
        List<String> referring = jdbc.sql(
                        "select conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'projects'::regclass")
                .query(String.class)
                .list();
        for (String table : referring) {
            jdbc.sql("delete from " + table + " where project <> 'default'").update();
        }
        jdbc.sql("delete from projects where id <> 'default'").update();
        jdbc.sql("update projects set weight = 1, max_running_jobs = null").update();
    }

    /** Submits a job and returns its id. The fields are JSON, without braces. */
    public String submit(String... fields) {
        Client.Answer answer = post(fields);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.text("id");
    }

    /** Submits a job and returns the answer. The fields are JSON, without braces. */
    public Client.Answer post(String... fields) {
        ObjectNode given = (ObjectNode) Json.MAPPER.readTree("{" + String.join(",", fields) + "}");
        ObjectNode body = Json.MAPPER
                .createObjectNode()
                .put("base_model", "all-MiniLM-L6-v2")
                .put("dataset", dataset());
        return api.post("/api/v1/jobs", body.setAll(given).toString());
    }

    private synchronized String dataset() {
        if (dataset == null || api.get("/api/v1/datasets/" + dataset).status() == 404) { // of an earlier class
            dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        }
        return dataset;
    }

    public JsonNode get(String id) {
        return api.get("/api/v1/jobs/" + id).json();
    }

    public String status(String id) {
        return get(id).get("status").asString();
    }

    public JsonNode events(String id) {
        return api.get("/api/v1/jobs/" + id + "/events?limit=1000").json().get("data");
    }

    public List<String> eventTypes(String id) {
        return events(id)
                .valueStream()
                .map(event -> event.get("type").asString())
                .toList();
    }

    /** Returns the statuses that the job has had, in order. */
    public List<String> statuses(String id) {
        return events(id)
                .valueStream()
                .filter(event -> event.get("type").asString().equals("status"))
                .map(event -> event.get("data").get("status").asString())
                .toList();
    }

    /** Returns the steps of the job's checkpoints, the last one first. */
    public List<Integer> checkpointSteps(String id) {
        return api.get("/api/v1/jobs/" + id + "/checkpoints")
                .json()
                .get("data")
                .valueStream()
                .map(checkpoint -> checkpoint.get("step").asInt())
                .toList();
    }

    /** Lets the lease of the job's worker expire. */
    public void expireLease(String id) {
        jdbc.sql("update jobs set lease_until = now() - interval '1 second' where id = ?")
                .param(id)
                .update();
    }

    /** Ends the wait for the job's next attempt. */
    public void endBackoff(String id) {
        jdbc.sql("update jobs set next_attempt_at = now() where id = ? and next_attempt_at is not null")
                .param(id)
                .update();
    }
}
