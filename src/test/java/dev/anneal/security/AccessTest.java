package dev.anneal.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Projects, their keys and the log of who did what. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.events.check=100ms"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class AccessTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    private Tenant red;
    private Tenant blue;

    @BeforeAll
    void tenants() {
        red = new Tenant(api, "red");
        blue = new Tenant(api, "blue");
    }

    @Test
    void aSecretIsShownOnceAndKeptAsAHash() {
        Answer made = api.post("/api/v1/keys", "{\"name\":\"ci\",\"role\":\"editor\",\"project\":\"red\"}");
        String secret = made.text("secret");
        JsonNode shown = api.get("/api/v1/keys/" + made.text("id")).json();

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.headers().firstValue("Location")).contains("/api/v1/keys/" + made.text("id"));
        assertThat(secret).matches("ann_[A-Za-z0-9_-]{43}");
        assertThat(shown.has("secret")).isFalse();
        assertThat(shown.get("prefix").asString()).isEqualTo(secret.substring(0, 8));
        assertThat(shown.get("last_four").asString()).isEqualTo(secret.substring(secret.length() - 4));
        assertThat(shown.get("last_used_at").isNull()).isTrue();
        assertThat(jdbc.sql("select k::text from api_keys k where id = ?")
                        .param(made.text("id"))
                        .query(String.class)
                        .single())
                .doesNotContain(secret)
                .contains(Sha256.of(secret));
        assertThat(api.get("/api/v1/keys?limit=1000").json().toString()).doesNotContain(secret);
    }

    @Test
    void theLastUseIsWrittenOnceAMinute() {
        Answer made = red.key("viewer");
        Client client = api.withKey(made.text("secret"));
        client.get("/api/v1/jobs");
        String first = api.get("/api/v1/keys/" + made.text("id")).text("last_used_at");
        client.get("/api/v1/jobs");
        String second = api.get("/api/v1/keys/" + made.text("id")).text("last_used_at");
        jdbc.sql("update api_keys set last_used_at = last_used_at - interval '2 minutes' where id = ?")
                .param(made.text("id"))
                .update();
        client.get("/api/v1/jobs");

        assertThat(first).isNotBlank().isEqualTo(second);
        assertThat(api.get("/api/v1/keys/" + made.text("id")).text("last_used_at"))
                .isGreaterThan(second);
    }

    @Test
    void aRevokedKeyIsRefusedAndStaysOnTheList() {
        Answer made = red.key("editor");
        String path = "/api/v1/keys/" + made.text("id");

        assertThat(red.admin.delete(path).status()).isEqualTo(204);
        assertThat(red.admin.delete(path).status()).isEqualTo(204);
        assertThat(api.withKey(made.text("secret")).get("/api/v1/jobs").code()).isEqualTo("key_revoked");
        assertThat(red.admin.get(path).text("revoked_at")).isNotBlank();
    }

    @Test
    @Timeout(60)
    void aStreamEndsWithTheKeyThatOpenedIt() throws Exception {
        String job = "/api/v1/jobs/" + red.job(red.dataset());
        CompletableFuture<Void> other =
                CompletableFuture.runAsync(() -> red.viewer.stream(job + "/events", null, Stream::count));
        for (String end : List.of("revoked_at", "expires_at")) {
            Answer made = red.key("viewer");
            api.withKey(made.text("secret")).stream(
                    job + "/events",
                    null,
                    lines -> lines.forEach(line -> {
                        if (line.startsWith("id:")) { // it is open
                            jdbc.sql("update api_keys set %s = now() where id = ?".formatted(end))
                                    .param(made.text("id"))
                                    .update();
                        }
                    }));
        }

        assertThat(other).isNotDone();
        red.editor.post(job + "/cancel");
        other.get();
    }

    @Test
    void keysExpire() {
        Answer made = api.post(
                "/api/v1/keys", "{\"name\":\"k\",\"role\":\"viewer\",\"project\":\"red\",\"expires_in_days\":1}");
        Client client = api.withKey(made.text("secret"));

        assertThat(made.text("expires_at")).isNotBlank();
        assertThat(client.get("/api/v1/jobs").status()).isEqualTo(200);
        jdbc.sql("update api_keys set expires_at = now() where id = ?")
                .param(made.text("id"))
                .update();
        assertThat(client.get("/api/v1/jobs").code()).isEqualTo("key_expired");
        assertThat(client.get("/openapi.yaml").status()).isEqualTo(200);
    }

    @Test
    void badKeysAreRefusedByField() {
        for (String bad : List.of(
                "{\"role\":\"viewer\"}",
                "{\"name\":\"k\"}",
                "{\"name\":\"k\",\"role\":\"owner\"}",
                "{\"name\":\"k\",\"role\":\"viewer\"}",
                "{\"name\":\"k\",\"role\":\"viewer\",\"project\":\"nowhere\"}",
                "{\"name\":\"k\",\"role\":\"admin\",\"expires_at\":\"2001-01-01T00:00:00Z\"}",
                "{\"name\":\"k\",\"role\":\"admin\",\"expires_at\":\"soon\"}",
                "{\"name\":\"k\",\"role\":\"admin\",\"expires_in_days\":0}")) {
            assertThat(api.post("/api/v1/keys", bad).status()).as(bad).isEqualTo(422);
        }
    }

    @Test
    void nobodyRisesAboveTheirProject() {
        assertThat(red.admin
                        .post("/api/v1/keys", "{\"name\":\"k\",\"role\":\"admin\",\"project\":\"blue\"}")
                        .code())
                .isEqualTo("unknown_project");
        Answer own = red.admin.post("/api/v1/keys", "{\"name\":\"k\",\"role\":\"admin\"}");
        assertThat(own.text("project")).isEqualTo("red");
        Client made = api.withKey(own.text("secret"));
        assertThat(made.post("/api/v1/projects", "{\"id\":\"green\"}").status()).isEqualTo(403);
        assertThat(made.patch("/api/v1/projects/red", "{\"limits\":{\"max_datasets\":null}}")
                        .status())
                .isEqualTo(403);
        assertThat(made.in("blue").get("/api/v1/jobs").code()).isEqualTo("not_found");
        assertThat(made.in("red").get("/api/v1/jobs").status()).isEqualTo(200);
        assertThat(made.delete("/api/v1/keys/" + blue.key("viewer").text("id")).status())
                .isEqualTo(404);
        assertThat(red.editor
                        .post("/api/v1/keys", "{\"name\":\"k\",\"role\":\"viewer\"}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void theLastKeyOfTheServersAdminCannotBeRevoked() {
        jdbc.sql("update api_keys set revoked_at = now() where project is null and sha256 <> ?")
                .param(Sha256.of(api.key()))
                .update();
        String first = jdbc.sql("select id from api_keys where sha256 = ?")
                .param(Sha256.of(api.key()))
                .query(String.class)
                .single();
        Answer refused = api.delete("/api/v1/keys/" + first);
        Answer second = api.post("/api/v1/keys", "{\"name\":\"second\",\"role\":\"admin\"}");
        Client other = api.withKey(second.text("secret"));

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("last_admin_key");
        assertThat(second.json().get("project").isNull()).isTrue();
        assertThat(other.delete("/api/v1/keys/" + second.text("id")).status()).isEqualTo(204);
        assertThat(other.get("/api/v1/jobs").code()).isEqualTo("key_revoked");
        assertThat(api.delete("/api/v1/keys/" + first).status()).isEqualTo(409);
    }

    @Test
    void theServersAdminWorksInTheProjectThatIsNamed() {
        String inDefault = api.upload("d.csv", Reviews.csv(40), Map.of()).text("id");
        String inRed = api.in("red").upload("r.csv", Reviews.csv(40), Map.of()).text("id");

        assertThat(api.in("red").get("/api/v1/datasets/" + inDefault).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/datasets/" + inRed).status()).isEqualTo(404);
        assertThat(red.viewer.get("/api/v1/datasets/" + inRed).status()).isEqualTo(200);
        assertThat(api.in("red")
                        .post("/api/v1/keys", "{\"name\":\"k\",\"role\":\"admin\"}")
                        .text("project"))
                .isEqualTo("red");
        assertThat(api.in("red").get("/api/v1/keys?limit=1000").json().toString())
                .doesNotContain("\"blue\"");
        assertThat(api.in("red").get("/api/v1/audit").json().toString()).doesNotContain("\"project\":\"blue\"");
        assertThat(api.in("nowhere").get("/api/v1/datasets").detail()).startsWith("There is no project 'nowhere'.");
    }

    @Test
    void aMissingIdAndAnotherProjectsAnswerTheSame() {
        String ours = red.dataset();
        Answer foreign = blue.editor.get("/api/v1/datasets/" + ours);
        Answer missing = blue.editor.get("/api/v1/datasets/ds_none");

        assertThat(foreign.detail().replace(ours, "X"))
                .isEqualTo(missing.detail().replace("ds_none", "X"));
        assertThat(blue.editor.post("/api/v1/jobs", Tenant.jobBody(ours)).code())
                .isEqualTo("unknown_dataset");
        assertThat(blue.editor
                        .post(
                                "/api/v1/jobs",
                                "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"validation_dataset\":\"%s\"}"
                                        .formatted(blue.dataset(), ours))
                        .code())
                .isEqualTo("unknown_dataset");
    }

    @Test
    void aProjectSeesItsBaseModelsAndTheSharedOnes() {
        String reds = red.model("acme/small");
        String blues = blue.model("acme/small");

        assertThat(reds).isNotEqualTo(blues);
        assertThat(red.viewer.get("/api/v1/models?kind=base").json().toString())
                .contains(reds, "all-MiniLM-L6-v2")
                .doesNotContain(blues);
        assertThat(blue.editor
                        .post(
                                "/api/v1/jobs",
                                "{\"base_model\":\"%s\",\"dataset\":\"%s\"}".formatted(reds, blue.dataset()))
                        .code())
                .isEqualTo("unknown_base_model");
        assertThat(red.editor
                        .uploadTo("/api/v1/models", "m.zip", Tenant.zip(), Map.of("name", "acme/small"))
                        .code())
                .isEqualTo("name_taken");
        Answer shadow =
                red.editor.uploadTo("/api/v1/models", "m.zip", Tenant.zip(), Map.of("name", "all-MiniLM-L6-v2"));
        assertThat(shadow.code()).isEqualTo("name_taken");
    }

    @Test
    void onlyTheServersAdminDeletesSharedModels() {
        String shared = api.uploadTo("/api/v1/models", "m.zip", Tenant.zip(), Map.of("name", "acme/shared"))
                .text("id");
        Answer refused = red.admin.delete("/api/v1/models/" + shared);

        assertThat(red.viewer.get("/api/v1/models/" + shared).status()).isEqualTo(200);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text("required_role")).isEqualTo("server_admin");
        assertThat(api.delete("/api/v1/models/" + shared).status()).isEqualTo(204);
    }

    @Test
    void anIdempotencyKeyIsItsCallersOwn() {
        String reds = red.dataset();
        String blues = blue.dataset();
        String first = post(red.editor, reds);

        assertThat(post(red.editor, reds)).isEqualTo(first);
        assertThat(post(red.admin, reds)).isNotEqualTo(first);
        assertThat(post(blue.editor, blues)).startsWith("job_").isNotEqualTo(first);
    }

    private static String post(Client client, String dataset) {
        return client.post("/api/v1/jobs", Tenant.jobBody(dataset), "Idempotency-Key", "the same")
                .text("id");
    }

    @Test
    void limitsOfAProjectAreSetAndLifted() {
        Answer made = api.post(
                "/api/v1/projects",
                "{\"id\":\"limited\",\"name\":\"Limited\",\"limits\":{\"max_running_jobs\":2,\"weight\":0.5,"
                        + "\"max_storage_bytes\":5000000000}}");
        Answer changed =
                api.patch("/api/v1/projects/limited", "{\"limits\":{\"max_running_jobs\":null,\"max_datasets\":7}}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().get("limits").get("max_running_jobs").asInt()).isEqualTo(2);
        assertThat(changed.text("name")).isEqualTo("Limited");
        JsonNode limits = changed.json().get("limits");
        assertThat(limits.get("max_running_jobs").isNull()).isTrue();
        assertThat(limits.get("max_datasets").asInt()).isEqualTo(7);
        assertThat(limits.get("weight").asDouble()).isEqualTo(0.5);
        assertThat(limits.get("max_storage_bytes").asLong()).isEqualTo(5_000_000_000L);
        assertThat(api.post("/api/v1/projects", "{\"id\":\"limited\"}").code()).isEqualTo("project_exists");
        assertThat(api.post("/api/v1/projects", "{\"id\":\"Not a slug\"}").status())
                .isEqualTo(422);
        assertThat(api.patch("/api/v1/projects/limited", "{\"limits\":{\"weight\":-1}}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void aProjectShowsWhatItUses() {
        Tenant used = new Tenant(api, "used");
        used.job(used.dataset());
        JsonNode usage = used.admin.get("/api/v1/projects/used").json().get("usage");

        assertThat(usage.get("datasets").asInt()).isEqualTo(1);
        assertThat(usage.get("queued_jobs").asInt()).isEqualTo(1);
        assertThat(usage.get("storage_bytes").asLong()).isEqualTo(Reviews.csv(40).length);
        assertThat(used.viewer.get("/api/v1/projects/used").status()).isEqualTo(403);
    }

    @Test
    void everyChangeIsInTheAuditLogAlsoTheRefusedOnes() {
        Tenant logged = new Tenant(api, "logged");
        String dataset = logged.dataset();
        logged.viewer.delete("/api/v1/datasets/" + dataset);
        logged.editor.delete("/api/v1/datasets/" + dataset);
        logged.editor.get("/api/v1/datasets");
        api.withKey("ann_wrong").delete("/api/v1/datasets/" + dataset);
        JsonNode log = logged.admin.get("/api/v1/audit").json().get("data");

        assertThat(log.valueStream()
                        .map(e -> e.get("actor_name").asString() + " "
                                + e.get("operation").asString() + " "
                                + e.get("resource").asString() + " "
                                + e.get("status").asInt()))
                .containsExactly(
                        "editor of logged deleteDataset " + dataset + " 204",
                        "viewer of logged deleteDataset " + dataset + " 403",
                        "editor of logged createDataset " + dataset + " 201");
        assertThat(log.get(0).get("address").asString()).isEqualTo("127.0.0.1");
        assertThat(log.get(0).get("user_agent").asString()).startsWith("Java-http-client");
        assertThat(logged.admin
                        .get("/api/v1/audit?operation=createDataset")
                        .json()
                        .get("data"))
                .hasSize(1);
        assertThat(logged.admin
                        .get("/api/v1/audit?actor=viewer%20of%20logged")
                        .json()
                        .get("data"))
                .hasSize(1);
        assertThat(logged.admin.get("/api/v1/audit?project=red").status()).isEqualTo(404);
        JsonNode all = api.get("/api/v1/audit?operation=deleteDataset").json().get("data");
        assertThat(all.get(0).get("actor").isNull()).isTrue();
        assertThat(all.get(0).get("status").asInt()).isEqualTo(401);
    }

    @Test
    void aKeyThatIsNamedLikeAnotherOnesIdIsNotInThatOnesAudit() {
        Tenant named = new Tenant(api, "named");
        Answer victim = named.key("editor");
        Answer impostor = api.post(
                "/api/v1/keys", "{\"name\":\"" + victim.text("id") + "\",\"role\":\"editor\",\"project\":\"named\"}");
        api.withKey(impostor.text("secret")).delete("/api/v1/datasets/ds_none");
        String query = "/api/v1/audit?actor=" + victim.text("id");
        assertThat(api.get(query).json().get("data")).isEmpty();

        api.withKey(victim.text("secret")).delete("/api/v1/datasets/ds_none");
        assertThat(api.get(query)
                        .json()
                        .get("data")
                        .valueStream()
                        .map(e -> e.get("actor").asString()))
                .containsExactly(victim.text("id"));
        assertThat(api.get("/api/v1/audit?actor=" + impostor.text("id")).json().get("data"))
                .hasSize(1);
    }

    @Test
    void aChangeIsInTheAuditLogBeforeItIsMade() throws Exception {
        Tenant careful = new Tenant(api, "careful");
        String dataset = careful.dataset();
        CompletableFuture<Answer> deletion = transactions.execute(held -> {
            jdbc.sql("select id from datasets where id = ? for update")
                    .param(dataset)
                    .query()
                    .listOfRows();
            CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(
                    () -> careful.editor.delete("/api/v1/datasets/" + dataset.replace("_", "%5F")));
            long end = System.nanoTime() + 30_000_000_000L;
            while (logged(dataset, "null") == 0) { // what a server that dies now leaves
                assertThat(System.nanoTime()).as("half a minute has passed").isLessThan(end);
            }
            return waiting;
        });

        assertThat(deletion.get().status()).isEqualTo(204);
        assertThat(logged(dataset, "204")).isEqualTo(1);
        assertThat(logged(dataset, "null")).isZero();
    }

    private int logged(String resource, String status) {
        return jdbc.sql("select count(*) from audit_log where operation = 'deleteDataset' and resource = ?"
                        + " and coalesce(status::text, 'null') = ?")
                .params(resource, status)
                .query(Integer.class)
                .single();
    }

    @Test
    void whoIsRefusedOverAndOverDoesNotFillTheAuditLog() {
        Answer made = red.key("editor");
        red.admin.delete("/api/v1/keys/" + made.text("id"));
        for (int i = 0; i < 150; i++) {
            api.withKey(made.text("secret")).delete("/api/v1/datasets/ds_none");
        }

        assertThat(jdbc.sql("select count(*) from audit_log where subject = ?")
                        .param(made.text("id"))
                        .query(Integer.class)
                        .single())
                .as("60 a minute, of which two may have begun")
                .isBetween(60, 120);
    }

    @Test
    void aWorkerShowsAProjectItsOwnJobsOnly() {
        String job = red.job(red.dataset());
        jdbc.sql("""
                        insert into workers (id, host, version, devices, slots)
                        values ('elsewhere', 'there', 'test', '[{"slot": "slot-0", "device": "cpu"}]', 1)""").update();
        jdbc.sql("update jobs set status = 'running', worker = 'elsewhere/slot-0', attempt = 1,"
                        + " lease_until = now() + interval '1 hour' where id = ?")
                .param(job)
                .update();
        try {
            assertThat(jobOfElsewhere(red.viewer)).isEqualTo(job);
            assertThat(jobOfElsewhere(blue.viewer)).isNull();
        } finally {
            jdbc.sql("delete from workers where id = 'elsewhere'").update();
            jdbc.sql(
                            "update jobs set status = 'cancelled', worker = null, lease_until = null, finished_at = now() where id = ?")
                    .param(job)
                    .update();
        }
    }

    private static String jobOfElsewhere(Client viewer) {
        JsonNode worker = viewer.get("/api/v1/workers").json().get("data").get(0);
        assertThat(worker.get("id").asString()).isEqualTo("elsewhere");
        assertThat(worker.get("busy").asInt()).isEqualTo(1);
        JsonNode job = worker.get("devices").get(0).get("job");
        return job.isNull() ? null : job.asString();
    }

    @Test
    void anOperationThatCannotBeAuditedIsRolledBack() {
        String dataset = red.dataset();
        jdbc.sql("alter table audit_log rename to audit_log_away").update();
        try {
            assertThat(red.editor
                            .inAnOutage()
                            .delete("/api/v1/datasets/" + dataset)
                            .code())
                    .isEqualTo("database_unavailable");
        } finally {
            jdbc.sql("alter table audit_log_away rename to audit_log").update();
        }
        assertThat(red.editor.get("/api/v1/datasets/" + dataset).status()).isEqualTo(200);
    }

    @Test
    void nobodyRewritesTheAuditLog() {
        red.dataset();
        jdbc.sql("""
                        insert into audit_log (id, subject, operation, resource, address)
                        values (?, 'key_1', 'deleteJob', 'job_1', '::1')""").param(Ids.next("aud")).update();

        for (String rewrite : List.of(
                "update audit_log set status = 200",
                "update audit_log set status = null",
                "update audit_log set status = 200, subject = 'x' where status is null",
                "update audit_log set status = 200, resource = 'x' where status is null",
                "delete from audit_log",
                "truncate audit_log")) {
            assertThatThrownBy(() -> jdbc.sql(rewrite).update()).hasStackTraceContaining("append-only");
        }
    }

    @Test
    void everyAnswerHasSecurityHeaders() {
        for (Answer answer : List.of(
                api.get("/api/v1/jobs"),
                api.get("/api/v1/jobs/job_no"),
                api.withKey(null).get("/api/v1/jobs"),
                api.withKey(null).get("/openapi.yaml"),
                api.get("/api/v1/jobs/%00"),
                api.send("PUT", "/api/v1/jobs", "{}"),
                api.post("/api/v1/jobs", "{"))) {
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("X-Frame-Options")).contains("DENY");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .startsWith("default-src 'none'");
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).isEmpty();
            assertThat(answer.headers().firstValue("Server")).isEmpty();
        }
    }

    @Test
    void aKeyInTheUrlIsRefused() {
        Answer alone = api.withKey(null).get("/api/v1/jobs?access_token=" + api.key());
        Answer beside = api.get("/api/v1/jobs?limit=1&access_token=x");

        assertThat(alone.status()).isEqualTo(400);
        assertThat(alone.code()).isEqualTo("key_in_url");
        assertThat(beside.code()).isEqualTo("key_in_url");
        assertThat(alone.json().toString()).doesNotContain(api.key());
    }

    @Test
    void aWrongMethodNamesTheAllowedOnes() {
        Answer answer = api.send("PUT", "/api/v1/jobs", "{}");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, POST");
    }

    @Test
    void noKeyIsEverWrittenToTheLogOrAnswered(CapturedOutput output) {
        String good = red.key("editor").text("secret");
        String wrong = "ann_wrongwrongwrongwrongwrong";
        String revoked = red.key("admin").text("secret");
        jdbc.sql("update api_keys set revoked_at = now() where sha256 = ?")
                .param(Sha256.of(revoked))
                .update();
        for (String secret : List.of(good, wrong, revoked, api.key())) {
            Client client = api.withKey(secret);
            for (Answer answer : List.of(
                    client.get("/api/v1/jobs"),
                    client.get("/api/v1/jobs?access_token=" + secret),
                    client.post("/api/v1/jobs", "{"),
                    client.post("/api/v1/jobs", "{\"dataset\":\"ds_no\",\"base_model\":\"no\"}"),
                    client.upload("x.csv", Reviews.csv(40), Map.of()),
                    client.get("/api/v1/jobs/%00"),
                    client.get("/api/v1/nowhere"))) {
                assertThat(new String(answer.bytes())).doesNotContain(secret);
            }
        }
        String log = output.getAll();
        assertThat(log).doesNotContain(good, wrong, revoked, api.key());
        assertThat(log).doesNotContain(Sha256.of(good), "Bearer ");
        assertThat(jdbc.sql("select coalesce(string_agg(a::text, ''), '') from audit_log a")
                        .query(String.class)
                        .single())
                .doesNotContain(good, wrong, revoked, api.key());
    }
}
