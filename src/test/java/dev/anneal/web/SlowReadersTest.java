package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Many clients that do not read their answers: health and the calls of other projects are answered. */
@ServerTest
@Timeout(120)
@TestPropertySource(properties = "anneal.roles=api,inference")
class SlowReadersTest {
    private static final int CONNECTIONS = 260; // more than there are threads

    /** The number of answers that is more than the system takes into its buffers. */
    private static final int REQUESTS = 8;

    @Autowired
    Api api;

    @LocalServerPort
    int port;

    @Test
    void othersAreServedWhileManyClientsDoNotReadTheirAnswers() throws Exception {
        api.post("/api/v1/projects", "{\"id\":\"other\"}");
        Client other =
                api.withKey(api.post("/api/v1/keys", "{\"name\":\"other\",\"role\":\"editor\",\"project\":\"other\"}")
                        .text("secret"));
        other.post("/api/v1/jobs/estimate", "{}"); // so that everything is loaded
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                slow.add(connect());
                if (i % 20 == 19) {
                    assertHealth();
                }
            }
            for (int i = 0; i < 5; i++) {
                assertHealth();
                long begin = System.nanoTime();
                Answer answer = other.post("/api/v1/jobs/estimate", "{}");
                assertThat(answer.status()).isEqualTo(422);
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        String request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void assertHealth() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        int status = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
        assertThat(status).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
    }
}
