package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Health and metrics on their own port, and so with their own threads. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api", "management.server.port=0"})
class ManagementPortTest {
    @LocalServerPort
    int port;

    @LocalManagementPort
    int management;

    @Test
    void healthIsAnsweredThereAndMetricsNeedAKeyThereToo() throws Exception {
        assertThat(management).isNotEqualTo(port);
        assertThat(status(management, "/actuator/health/readiness")).isEqualTo(200);
        assertThat(status(management, "/actuator/prometheus")).isEqualTo(401);
        assertThat(status(port, "/actuator/health/readiness")).isEqualTo(404);
    }

    private static int status(int port, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
