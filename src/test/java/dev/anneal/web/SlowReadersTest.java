package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.Soon;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
        Soon.prepare();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                slow.add(connect());
                if (i % 20 == 19) {
                    Soon.assertHealth(port);
                }
            }
            for (int i = 0; i < 5; i++) {
                Soon.assertHealth(port);
                Soon.assertWithin(
                        Duration.ofSeconds(2),
                        () -> assertThat(other.post("/api/v1/jobs/estimate", "{}")
                                        .status())
                                .isEqualTo(422));
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertThat(new String(api.get("/actuator/prometheus").bytes(), StandardCharsets.UTF_8))
                .contains("anneal_connections_closed_total{reason=\"slow_reader\"}");
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        String request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
