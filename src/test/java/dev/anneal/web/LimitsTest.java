package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.page.session.Sessions;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** The limits of a caller or a project, and of the server. */
@ServerTest
@Timeout(180)
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.limits.event-streams=2",
            "anneal.limits.max-queued-jobs=2",
            "anneal.limits.max-rows=100",
            "anneal.limits.requests-per-second=1000",
            "anneal.limits.request-burst=1000",
            "anneal.request.slow-after=300ms",
            "anneal.limits.wrong-keys-per-minute=5",
            "anneal.upload.max-size=2MB",
            "anneal.idempotency.lease=2h",
            "anneal.idempotency.renew=1h"
        })
class LimitsTest {
    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Sessions sessions;

    @LocalServerPort
    int port;

    @AfterEach
    void leaveNothing() {
        jdbc.sql("delete from jobs").update();
        jdbc.sql("delete from datasets").update();
        jdbc.sql("update projects set max_queued_jobs = null, max_datasets = null, max_storage_bytes = null")
                .update();
    }

    @Test
    void aProjectHasALimitOfQueuedJobsWhichReplacesTheServers() {
        String dataset = upload(60).text("id");
        assertThat(queue(dataset).status()).isEqualTo(201);
        assertThat(queue(dataset).status()).isEqualTo(201);

        Answer refused = queue(dataset);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too_many_queued_jobs");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(2);
        assertThat(refused.headers().firstValue("RateLimit")).isPresent();
        jdbc.sql("update projects set max_queued_jobs = 3").update();
        assertThat(queue(dataset).status()).isEqualTo(201);
        assertThat(queue(dataset).json().get("limit").asInt()).isEqualTo(3);
    }

    @Test
    void datasetsAndTheirBytesAreBounded() {
        jdbc.sql("update projects set max_datasets = 1").update();
        long bytes = upload(60).json().get("size_bytes").asLong();
        Answer second = upload(60);
        assertThat(second.status()).isEqualTo(422);
        assertThat(second.code()).isEqualTo("too_many_datasets");

        jdbc.sql("update projects set max_datasets = 2, max_storage_bytes = ?")
                .param(2 * bytes - 1)
                .update();
        Answer full = upload(60);
        assertThat(full.code()).isEqualTo("storage_full");
        assertThat(full.json().get("limit").asLong()).isEqualTo(2 * bytes - 1);
        assertThat(api.get("/api/v1/datasets").json().get("data")).hasSize(1);
        jdbc.sql("update projects set max_storage_bytes = ?").param(2 * bytes).update();
        assertThat(upload(60).status()).isEqualTo(201);
    }

    @Test
    void aFileHasSoManyRows() {
        Answer refused = upload(101);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_rows");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(100);
    }

    @Test
    void aKeyHasALimitOfOpenStreams() throws Exception {
        String job = queue(upload(60).text("id")).text("id");
        List<InputStream> open = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                HttpResponse<InputStream> stream = stream(job);
                assertThat(stream.statusCode()).isEqualTo(200);
                open.add(stream.body());
            }
            assertThat(stream(job).statusCode()).isEqualTo(429);
            api.post("/api/v1/jobs/" + job + "/cancel"); // ends them
            for (InputStream stream : open) {
                stream.readAllBytes();
            }
            api.stream("/api/v1/jobs/" + job + "/events", null, java.util.stream.Stream::count);
        } finally {
            for (InputStream stream : open) {
                stream.close();
            }
        }
    }

    @Test
    void aSlowBodyIsRefused() throws IOException {
        String json = drip("POST /api/v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\n", true, "{");
        assertThat(json).startsWith("HTTP/1.1 408").contains("body_too_slow");

        String form = drip(
                "POST /api/v1/datasets HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n",
                true,
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n");
        assertThat(form).startsWith("HTTP/1.1 408").contains("body_too_slow");

        String stranger = drip("POST /api/v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\n", false, "{");
        assertThat(stranger).startsWith("HTTP/1.1 401");
    }

    @Test
    void aFormIsReadOnlyByUploads() {
        byte[] large = new byte[3_000_000];

        assertThat(api.uploadTo("/api/v1/datasets", "x.csv", large, Map.of()).code())
                .isEqualTo("upload_too_large");
        for (String other : List.of("/api/v1/jobs/estimate", "/api/v1/models/mdl_no/predict", "/api/v1/keys")) {
            Answer refused = api.uploadTo(other, "x.csv", large, Map.of());
            assertThat(refused.status()).as(other).isEqualTo(415);
            assertThat(refused.code()).isEqualTo("unsupported_media_type");
        }
    }

    @Test
    void callsThatAreRefusedCountToo() {
        Answer stranger = api.withKey(null).delete("/api/v1/datasets/ds_none");
        Answer unknown = api.send("PUT", "/api/v1/jobs", "{}");

        assertThat(stranger.status()).isEqualTo(401);
        assertThat(unknown.status()).isEqualTo(405);
        for (Answer refused : List.of(stranger, unknown)) {
            assertThat(refused.headers().firstValue("RateLimit")).isPresent();
        }
    }

    @Test
    void aBodyHasALimitOfValues() {
        Answer refused = api.post("/api/v1/jobs/estimate", "[" + "[],".repeat(500_000) + "[]]");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.detail()).contains("1000000");
    }

    @Test
    void ofManyErrorsFiftyAreListed() {
        for (String path : List.of("/api/v1/jobs", "/api/v1/jobs/estimate", "/api/v1/models", "/api/v1/keys")) {
            int count = path.endsWith("/jobs") ? 300_000 : 60_000;
            StringBuilder body =
                    new StringBuilder("{\"").append("n".repeat(40_000)).append("\":1");
            for (int i = 0; i < count; i++) {
                body.append(",\"unknown").append(i).append("\":1");
            }

            Answer refused = api.post(path, body + "}");

            assertThat(refused.status()).as(path).isEqualTo(422);
            assertThat(refused.json().get("errors").size()).as(path).isEqualTo(50);
            assertThat(refused.detail())
                    .containsPattern("^" + count / 10_000 + "\\d{4} fields are not valid, of which 50 are listed\\.");
            assertThat(refused.bytes().length).as(path).isLessThan(100_000);
        }
    }

    @Test
    @Timeout(20)
    void aHeadRequestForAnEventStreamEnds() throws Exception {
        String job = queue(upload(60).text("id")).text("id");

        for (String path : List.of("jobs/" + job, "models/all-MiniLM-L6-v2")) {
            for (int i = 0; i < 3; i++) { // more than the limit of streams
                HttpResponse<Void> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + port + "/api/v1/" + path + "/events"))
                                        .header("Authorization", "Bearer " + api.key())
                                        .header("Accept", "text/event-stream")
                                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                HttpResponse.BodyHandlers.discarding());
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
                assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                        .as(path)
                        .startsWith("text/event-stream");
            }
        }
    }

    @Test
    void wrongKeysAreLimitedAndDoNotBlockValidKeys() {
        assertThat(api.get("/api/v1/jobs").status()).isEqualTo(200);
        for (int i = 0; i < 5; i++) {
            assertThat(api.withKey("ann_wrong" + i).get("/api/v1/jobs").status())
                    .isEqualTo(401);
        }

        Answer refused = api.withKey("ann_wrong").get("/api/v1/jobs");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too_many_wrong_keys");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(5);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(api.get("/api/v1/jobs").status()).isEqualTo(200);
        assertThat(api.withKey(null).get("/api/v1/jobs").status()).isEqualTo(401);
    }

    @Test
    void cookiesOfNoSessionAreLimitedAndDoNotEndSessions() throws Exception {
        String key = jdbc.sql("select id from api_keys where project is null limit 1")
                .query(String.class)
                .single();
        String session = sessions.begin(key);
        assertThat(page("/ui", session)).isEqualTo(200);
        for (int i = 0; i < 5; i++) {
            assertThat(page("/ui", Sessions.newSecret())).isEqualTo(303);
        }

        assertThat(page("/ui", Sessions.newSecret())).isEqualTo(429);
        assertThat(page("/ui/api/v1/jobs", Sessions.newSecret())).isEqualTo(429);
        assertThat(page("/ui/sign-in", Sessions.newSecret())).isEqualTo(200);
        assertThat(page("/ui", session)).isEqualTo(200);
        assertThat(page("/ui", sessions.begin(key))).isEqualTo(200);

        sessions.end(session);
        assertThat(page("/ui", session)).isEqualTo(303);
        assertThat(page("/ui", session)).isEqualTo(429);
    }

    private int page(String path, String session) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Cookie", "anneal_session=" + session)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Sends a byte whenever the server has said nothing for a moment, and reads until it hangs up. */
    private String drip(String head, boolean withKey, String start) throws IOException {
        StringBuilder answer = new StringBuilder();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            OutputStream out = socket.getOutputStream();
            String key = withKey ? "Authorization: Bearer " + api.key() + "\r\n" : "";
            out.write((head + key + "Host: x\r\nContent-Length: 1000000\r\n\r\n" + start).getBytes());
            socket.setSoTimeout(20);
            while (true) {
                try {
                    int read = socket.getInputStream().read();
                    if (read < 0) {
                        return answer.toString();
                    }
                    answer.append((char) read);
                } catch (SocketTimeoutException quiet) {
                    out.write(' ');
                }
            }
        } catch (SocketException hungUp) {
            return answer.toString();
        }
    }

    @Test
    void anIdempotencyKeyIsHeldDuringItsRequestAndFreedIfTheServerIsLost() throws Exception {
        String dataset = upload(60, "Idempotency-Key", "k1").text("id");
        assertThat(upload(60, "Idempotency-Key", "k1").text("id")).isEqualTo(dataset);

        // As one that is at work elsewhere.
        jdbc.sql(
                        "update idempotency_keys set resource = null, lease_until = now() + interval '1 hour' where key = 'k1'")
                .update();
        Answer meanwhile = upload(60, "Idempotency-Key", "k1");
        assertThat(meanwhile.status()).isEqualTo(409);
        assertThat(meanwhile.code()).isEqualTo("idempotency_key_in_use");
        assertThat(upload(61, "Idempotency-Key", "k1").code()).isEqualTo("idempotency_key_reused");

        jdbc.sql("update idempotency_keys set lease_until = now() - interval '1 second' where key = 'k1'")
                .update();
        Answer again = upload(60, "Idempotency-Key", "k1");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.text("id")).isNotEqualTo(dataset);
    }

    @Test
    void anIdempotencyKeyIsFreedByARefusalAndForgottenAfterADay() {
        assertThat(upload(101, "Idempotency-Key", "k2").code()).isEqualTo("too_many_rows");
        String first = upload(60, "Idempotency-Key", "k2").text("id");
        jdbc.sql("update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k2'")
                .update();

        Answer next = upload(61, "Idempotency-Key", "k2");
        assertThat(next.status()).as("%s", next.json()).isEqualTo(201);
        assertThat(next.text("id")).isNotEqualTo(first);
    }

    private HttpResponse<InputStream> stream(String job) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/api/v1/jobs/" + job + "/events"))
                                .header("Authorization", "Bearer " + api.key())
                                .header("Accept", "text/event-stream")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
    }

    private Answer upload(int rows, String... headers) {
        return api.upload("reviews.csv", Reviews.csv(rows), Map.of(), headers);
    }

    private Answer queue(String dataset) {
        return api.post("/api/v1/jobs", Json.write(Map.of("base_model", "all-MiniLM-L6-v2", "dataset", dataset)));
    }
}
