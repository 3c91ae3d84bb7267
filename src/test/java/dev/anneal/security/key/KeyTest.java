package dev.anneal.security.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class KeyTest {
    @Autowired
    Api api;

    @Autowired
    DataDirectory data;

    @Autowired
    JdbcClient jdbc;

    @Test
    void withoutAValidKeyEveryRequestIsRefused() {
        Answer none = api.withKey(null).get("/api/v1/jobs");
        Answer wrong = api.withKey("ak_wrong").get("/api/v1/jobs");
        Answer upload = api.withKey("ak_wrong").upload("x.csv", "text,label\na,b\n");

        assertThat(none.status()).isEqualTo(401);
        assertThat(none.code()).isEqualTo("missing_key");
        assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(wrong.code()).isEqualTo("invalid_key");
        assertThat(upload.status()).isEqualTo(401);
        assertThat(api.withKey(null).get("/actuator/prometheus").status()).isEqualTo(401);
        assertThat(api.withKey(null).get("/api/v1/nowhere").status()).isEqualTo(401);
    }

    @Test
    void healthAndTheContractNeedNoKey() {
        assertThat(api.withKey(null).get("/actuator/health/readiness").status()).isEqualTo(200);
        assertThat(api.withKey(null).get("/openapi.yaml").status()).isEqualTo(200);
    }

    @Test
    void theAdminKeyIsReadableByItsOwnerOnlyAndStoredAsAHash() throws IOException {
        String key = Files.readString(data.file("admin.key")).strip();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.file("admin.key"))))
                .isEqualTo("rw-------");
        assertThat(jdbc.sql("select string_agg(sha256 || name || id, '') from api_keys")
                        .query(String.class)
                        .single())
                .doesNotContain(key);
    }

    @Test
    void unknownPathsAreProblemsToo() {
        Answer answer = api.get("/api/v1/trainings");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo("not_found");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void metricsOfTheServiceAreThereForPrometheus() {
        String metrics = new String(api.get("/actuator/prometheus").bytes());

        assertThat(metrics).contains("anneal_jobs{status=\"queued\"}").contains("anneal_inference_waiting");
    }
}
