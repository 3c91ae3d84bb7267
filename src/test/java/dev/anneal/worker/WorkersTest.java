package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The list of workers; this server is one of them. */
@ServerTest
class WorkersTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Workers workers;

    @Autowired
    Worker worker;

    @Autowired
    WorkerRegistration registration;

    @Test
    void aWorkerIsListedWithItsSlots() {
        JsonNode me = me();

        assertThat(me.get("status").asString()).isEqualTo("active");
        assertThat(me.get("host").asString()).isEqualTo(Worker.host());
        assertThat(me.get("busy").asInt()).isZero();
        assertThat(me.get("slots").asInt()).isEqualTo(me.get("devices").size());
        assertThat(me.get("devices").get(0).get("slot").asString()).isEqualTo("slot-0");
    }

    @Test
    void aWorkerThatWasNotSeenForALeaseIsGoneAndRemovedAfterADay() {
        worker("silent", "1 minute");
        worker("old", "25 hours");

        assertThat(find("silent").get("status").asString()).isEqualTo("gone");
        workers.removeLongGone();
        assertThat(find("silent")).isNotNull();
        assertThat(find("old")).isNull();
        jdbc.sql("delete from workers where id = 'silent'").update();
    }

    @Test
    void aDrainedWorkerIsShownAsDrainingUntilItIsUndrained() {
        String id = registration.id();

        assertThat(api.post("/api/v1/workers/" + id + "/drain").text("status")).isEqualTo("draining");
        assertThat(workers.seen(id)).contains(WorkerStatus.draining);
        assertThat(me().get("status").asString()).isEqualTo("draining");
        assertThat(api.post("/api/v1/workers/" + id + "/undrain").text("status"))
                .isEqualTo("active");
        assertThat(api.post("/api/v1/workers/nobody/drain").status()).isEqualTo(404);
    }

    @Test
    void aWorkerThatStopsLeavesTheListAndRegistersUnderANewId() {
        String before = registration.id();
        worker.stop();

        assertThat(find(before)).isNull();
        worker.start();
        assertThat(registration.id()).isNotEqualTo(before);
        assertThat(me().get("status").asString()).isEqualTo("active");
    }

    @Test
    void aListCanBeReadPageByPage() {
        worker("b", "1 second");
        worker("a", "1 second");

        JsonNode first = api.get("/api/v1/workers?limit=1").json();
        assertThat(first.get("has_more").asBoolean()).isTrue();
        String after = first.get("data").get(0).get("id").asString();
        assertThat(api.get("/api/v1/workers?limit=1&after=" + after)
                        .json()
                        .get("data")
                        .get(0)
                        .get("id")
                        .asString())
                .isNotEqualTo(after);
        assertThat(api.get("/api/v1/workers?after=nobody").code()).isEqualTo("unknown_cursor");
        jdbc.sql("delete from workers where id in ('a', 'b')").update();
    }

    private JsonNode me() {
        return find(registration.id());
    }

    private JsonNode find(String id) {
        return api.get("/api/v1/workers")
                .json()
                .get("data")
                .valueStream()
                .filter(worker -> worker.get("id").asString().equals(id))
                .findFirst()
                .orElse(null);
    }

    private void worker(String id, String silence) {
        jdbc.sql("""
                        insert into workers (id, host, version, devices, slots, last_seen_at)
                        values (?, 'here', 'test', '[]', 0, now() - ?::interval)""").params(id, silence).update();
    }
}
