package dev.anneal.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.JobSummaries;
import dev.anneal.json.Json;
import dev.anneal.outbound.SlowNames;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Messages about jobs to a receiver that answers well or badly. Jobs are queued and cancelled; no worker takes them. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.outbound.allow=127.0.0.1",
            "anneal.webhooks.backoff=5ms",
            "anneal.webhooks.max-backoff=20ms",
            "anneal.webhooks.poll=10ms",
            "anneal.webhooks.lease=60s",
            "anneal.webhooks.max-per-project=3"
        })
class WebhookTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    JobSummaries summaries;

    @Autowired
    DeliveryQueue deliveries;

    @Autowired
    WebhookSender deliverer;

    @Autowired
    WebhookSettings settings;

    @Autowired
    TransactionTemplate transactions;

    private final Receiver receiver = new Receiver();
    private static String dataset;

    @BeforeEach
    void upload() {
        if (dataset == null) {
            dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        }
    }

    @AfterEach
    void leaveNothing() {
        receiver.open();
        jdbc.sql("delete from webhooks").update();
        receiver.close();
    }

    @Test
    void aChangeOfAJobIsDeliveredSignedAndLogged() {
        Answer created = webhook("job.queued", "job.cancelled");
        String secret = created.text("secret");
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(secret).startsWith("whsec_");
        String job = queue();

        Receiver.Message message = receiver.next();
        assertThat(message.type()).isEqualTo("job.queued");
        assertThat(message.signature())
                .isEqualTo(Signature.of(secret, message.id(), message.timestamp(), message.body()));
        assertThat(message.timestamp())
                .isCloseTo(Instant.now().getEpochSecond(), org.assertj.core.data.Offset.offset(60L));
        JsonNode data = message.json().get("data");
        assertThat(data.get("id").asString()).isEqualTo(job);
        assertThat(data.get("status").asString()).isEqualTo("queued");
        assertThat(data.get("project").asString()).isEqualTo("default");
        assertThat(Instant.parse(message.json().get("timestamp").asString()))
                .isAfterOrEqualTo(Instant.parse(data.get("created_at").asString()));

        api.post("/api/v1/jobs/" + job + "/cancel");
        assertThat(receiver.next().type()).isEqualTo("job.cancelled");
        String path = "/api/v1/webhooks/" + created.text("id");
        JsonNode sent = awaitDelivery(path, d -> d.get("type").asString().equals("job.cancelled"), "delivered");
        assertThat(sent.get("response_status").asInt()).isEqualTo(204);
        assertThat(sent.get("attempts").asInt()).isEqualTo(1);
        assertThat(sent.get("job").asString()).isEqualTo(job);
    }

    @Test
    void theSecretIsShownOnceAndARepeatedRequestAnswersTheSame() {
        String body = body(receiver.url(), "job.failed");
        Answer first = api.post("/api/v1/webhooks", body, "Idempotency-Key", "hook-1");
        Answer again = api.post("/api/v1/webhooks", body, "Idempotency-Key", "hook-1");
        Answer other = api.post("/api/v1/webhooks", body(receiver.url(), "job.paused"), "Idempotency-Key", "hook-1");

        assertThat(again.json()).isEqualTo(first.json());
        assertThat(other.code()).isEqualTo("idempotency_key_reused");
        String path = "/api/v1/webhooks/" + first.text("id");
        assertThat(api.get(path).json().has("secret")).isFalse();
        assertThat(api.get("/api/v1/webhooks").json().toString())
                .contains(first.text("id"))
                .doesNotContain("whsec_");
        assertThat(api.delete(path).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
    }

    @Test
    void aRefusedDeliveryIsRepeatedWithTheSameIdUntilItIsAccepted() {
        String path = "/api/v1/webhooks/" + webhook("job.queued").text("id");
        receiver.answerWith(500, 302, 429);
        queue();

        Set<String> ids = new TreeSet<>();
        for (int attempt = 1; attempt <= 4; attempt++) {
            ids.add(receiver.next().id());
        }
        assertThat(ids).hasSize(1);
        assertThat(awaitDelivery(path, d -> true, "delivered").get("attempts").asInt())
                .isEqualTo(4);
    }

    @Test
    void deliveriesForAJobArriveInOrder() {
        webhook("job.queued", "job.cancelled");
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            jobs.add(queue());
            api.post("/api/v1/jobs/" + jobs.get(i) + "/cancel");
        }

        Map<String, List<String>> seen = new java.util.HashMap<>();
        for (int i = 0; i < 20; i++) {
            Receiver.Message message = receiver.next();
            seen.computeIfAbsent(message.json().get("data").get("id").asString(), id -> new ArrayList<>())
                    .add(message.type());
        }
        assertThat(seen).containsOnlyKeys(jobs);
        assertThat(seen.values()).allMatch(List.of("job.queued", "job.cancelled")::equals);
    }

    @Test
    void aReceiverThatIsGoneIsLeftAlone() {
        String path = "/api/v1/webhooks/" + webhook("job.queued").text("id");
        receiver.answerWith(410);
        queue();
        receiver.next();

        JsonNode failed = awaitDelivery(path, d -> true, "failed");
        assertThat(failed.get("response_status").asInt()).isEqualTo(410);
        Awaitility.await().until(() -> !api.get(path).text("status").equals("active"));
        assertThat(api.get(path).text("disabled_reason")).contains("410");
        queue();
        assertThat(api.get(path + "/deliveries").json().get("data")).hasSize(1);
        assertThat(receiver.isEmpty()).isTrue();
    }

    @Test
    void aDeliveryThatTakesTooLongIsGivenUp() {
        String path = "/api/v1/webhooks/" + webhook("job.queued").text("id");
        receiver.answerWith(500, 500);
        receiver.hold();
        queue();
        receiver.next();
        jdbc.sql("update webhook_deliveries set created_at = created_at - interval '25 hours'")
                .update();
        receiver.open();

        JsonNode failed = awaitDelivery(path, d -> true, "failed");
        assertThat(failed.get("error").asString()).contains("500");
        assertThat(receiver.isEmpty()).isTrue();
    }

    /** A process that was killed while it sent leaves a lease; the test makes one. */
    @Test
    void aDeliveryClaimedByALostProcessIsSentAgainAndItsLateResultIsIgnored() {
        String path = "/api/v1/webhooks/" + webhook("job.queued").text("id");
        deliverer.stop();
        queue();
        DeliveryQueue.Attempt lost = deliveries.claim().orElseThrow();
        assertThat(deliveries.claim()).as("it is held").isEmpty();
        jdbc.sql("update webhook_deliveries set lease_until = now() - interval '1 second'")
                .update();
        deliverer.start();

        assertThat(receiver.next().id()).isEqualTo(lost.id());
        assertThat(awaitDelivery(path, d -> true, "delivered").get("attempts").asInt())
                .isEqualTo(2);
        assertThat(deliveries.failed(lost, 500, "late")).isFalse();
    }

    @Test
    void noMoreThanSoManyAreUnderWayForOneWebhook() {
        webhook("job.queued");
        deliverer.stop();
        for (int i = 0; i < 6; i++) {
            queue();
        }
        for (int i = 0; i < 4; i++) {
            assertThat(deliveries.claim()).isPresent();
        }
        assertThat(deliveries.claim()).isEmpty();
        deliverer.start();
    }

    @Test
    void deliveriesOfOneProjectToSlowNamesDoNotTakeAllLookups() {
        deliverer.stop();
        String first = webhook("job.queued").text("id");
        jdbc.sql("""
                        insert into webhooks select other.* from webhooks w, generate_series(1, 8) n, jsonb_populate_record(
                            w, jsonb_build_object('id', 'wh_' || n, 'url', 'http://slow-' || n || '.example/')) other""").update();
        jdbc.sql("delete from webhooks where id = ?").param(first).update();
        queue();
        SlowNames slow = new SlowNames();
        WebhookSender sender = new WebhookSender(deliveries, settings, slow.guard(), new SimpleMeterRegistry());
        sender.start();
        try {
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(jdbc.sql("select count(*) from webhook_deliveries where error is not null")
                                            .query(Integer.class)
                                            .single())
                                    .isEqualTo(8));
            assertThat(slow.asked()).isEqualTo(4);
        } finally {
            slow.answer();
            sender.stop();
            jdbc.sql("delete from webhooks").update();
            deliverer.start();
        }
    }

    @Test
    void aChangeThatIsRolledBackIsNotDelivered() {
        webhook("job.queued");
        String job = queue();
        receiver.next();
        transactions.executeWithoutResult(status -> {
            jdbc.sql("update jobs set last_event = last_event where id = ?")
                    .param(job)
                    .update();
            new Outbox(jdbc, summaries).changed(job);
            status.setRollbackOnly();
        });

        assertThat(jdbc.sql("select count(*) from webhook_deliveries where job_id = ?")
                        .param(job)
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:9/",
                "http://127.0.0.2/", "https://[::ffff:10.0.0.1]/", "http://0x7f000001/"
            })
    void anAddressThatIsNotPublicIsRefused(String url) {
        Answer refused = api.post("/api/v1/webhooks", body(url, "job.failed"));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo("url");
        assertThat(refused.code()).isIn("address_refused", "unknown_host", "invalid_url");
    }

    /** The receiver of a name that has another address by then. */
    @Test
    void anAddressThatIsNotPublicIsNotCalledEither() {
        String path = "/api/v1/webhooks/" + webhook("job.queued").text("id");
        jdbc.sql("update webhooks set url = replace(url, '127.0.0.1', '127.0.0.2')")
                .update();
        queue();

        JsonNode waiting = awaitDelivery(path, d -> !d.get("error").isNull(), "pending");
        assertThat(waiting.get("error").asString()).contains("anneal.outbound.allow");
        assertThat(receiver.isEmpty()).isTrue();
    }

    @Test
    void wrongFieldsAreNamed() {
        assertThat(api.post("/api/v1/webhooks", "{}").json().get("errors")).hasSize(2);
        assertThat(api.post("/api/v1/webhooks", body("ftp://example.com/", "job.failed"))
                        .code())
                .isEqualTo("invalid_url");
        assertThat(api.post("/api/v1/webhooks", body(receiver.url(), "job.fialed"))
                        .detail())
                .contains("Did you mean 'job.failed'?");
    }

    @Test
    void aProjectHasALimitOfWebhooksAndTheErrorNamesIt() {
        webhook("job.failed");
        webhook("job.failed");
        webhook("job.failed");
        Answer refused = webhook("job.failed");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_webhooks");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(3);
    }

    private JsonNode awaitDelivery(String path, Predicate<JsonNode> which, String status) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> api.get(path + "/deliveries")
                                .json()
                                .get("data")
                                .valueStream()
                                .filter(which)
                                .filter(sent -> sent.get("status").asString().equals(status))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private Answer webhook(String... events) {
        return api.post("/api/v1/webhooks", body(receiver.url(), events));
    }

    private static String body(String url, String... events) {
        return Json.write(Map.of("url", url, "events", events));
    }

    private String queue() {
        return api.post("/api/v1/jobs", Json.write(Map.of("base_model", "all-MiniLM-L6-v2", "dataset", dataset)))
                .text("id");
    }
}
