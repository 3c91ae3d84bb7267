package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A job and its events as the API returns them, with the assertions that hold whatever happened to its workers. */
record JobHistory(JsonNode job, List<JsonNode> events, String weights) {

    static JobHistory of(Client api, String id) {
        List<JsonNode> events = new ArrayList<>();
        JsonNode page;
        do {
            long last = events.isEmpty()
                    ? 0
                    : events.get(events.size() - 1).get("id").asLong();
            page = api.get("/api/v1/jobs/" + id + "/events?limit=1000&after=" + last)
                    .json();
            page.get("data").forEach(events::add);
        } while (page.get("has_more").asBoolean());
        JsonNode job = api.get("/api/v1/jobs/" + id).json();
        String weights = job.get("model").isNull()
                ? null
                : api.get("/api/v1/models/" + job.get("model").asString()).text("sha256");
        return new JobHistory(job, events, weights);
    }

    /** Fails unless the job succeeded once, has each epoch once and misses no event. */
    void assertWhole() {
        assertThat(job.get("status").asString())
                .as("%s: %s", id(), job.get("error"))
                .isEqualTo("succeeded");
        assertThat(events.stream().map(event -> event.get("id").asLong()))
                .as("numbers of the events of %s", id())
                .isEqualTo(LongStream.rangeClosed(1, events.size()).boxed().toList());
        List<Integer> epochs = Stream.iterate(1, epoch -> epoch + 1)
                .limit(job.get("progress").get("epochs").asInt())
                .toList();
        assertThat(metrics().stream().map(metric -> metric.get("epoch").asInt()))
                .as("metrics of %s", id())
                .isEqualTo(epochs);
        assertThat(data("epoch").map(metric -> metric.get("epoch").asInt()))
                .as("epoch events of %s", id())
                .isEqualTo(epochs);
        assertThat(statuses().filter("succeeded"::equals)).as("%s", id()).hasSize(1);
        assertThat(events.get(events.size() - 1).get("data").path("status").asString())
                .as("the last event of %s", id())
                .isEqualTo("succeeded");
    }

    /** Fails unless the job has the weights and metrics of an undisturbed run of the same job. */
    void assertEquals(JobHistory undisturbed) {
        assertThat(weights).as("weights of %s", id()).isEqualTo(undisturbed.weights);
        assertThat(metrics()).as("metrics of %s", id()).isEqualTo(undisturbed.metrics());
        assertThat(job.get("best")).as("best epoch of %s", id()).isEqualTo(undisturbed.job.get("best"));
        assertThat(job.get("test_metrics"))
                .as("test metrics of %s", id())
                .isEqualTo(undisturbed.job.get("test_metrics"));
    }

    String id() {
        return job.get("id").asString();
    }

    int attempts() {
        return job.get("attempt").asInt();
    }

    Stream<String> statuses() {
        return data("status").map(data -> data.get("status").asString());
    }

    Stream<JsonNode> data(String type) {
        return events.stream()
                .filter(event -> event.get("type").asString().equals(type))
                .map(event -> event.get("data"));
    }

    /** Fails unless the job needed a second attempt, which resumed from a checkpoint of the first. */
    void assertResumedOnce() {
        assertThat(attempts()).as("attempts of %s", id()).isEqualTo(2);
        assertThat(resumedFrom()).as("trainings of %s", id()).hasSize(2);
        assertThat(data("checkpoint").map(checkpoint -> checkpoint.get("step").asInt()))
                .as("steps of the checkpoints of %s", id())
                .contains(resumedFrom().get(1));
    }

    /** Returns, for each attempt that started training, the step that it resumed from; 0 if it started at the beginning. */
    List<Integer> resumedFrom() {
        return data("log")
                .filter(data -> data.path("data").has("steps"))
                .map(data -> data.get("data").path("resumed_from_step").asInt(0))
                .toList();
    }

    /** Returns the metrics of the epochs without measured times. */
    List<JsonNode> metrics() {
        List<JsonNode> metrics = new ArrayList<>();
        for (JsonNode metric : job.get("metrics")) {
            ObjectNode copy = (ObjectNode) Json.MAPPER.readTree(metric.toString());
            copy.remove(List.of("seconds", "examples_per_second", "evaluated_per_second"));
            metrics.add(copy);
        }
        return metrics;
    }
}
