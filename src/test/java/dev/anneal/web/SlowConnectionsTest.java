package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.Soon;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Many clients that send one byte of a body and then nothing: health and the calls of other projects are answered. */
@ServerTest
@Timeout(120)
@TestPropertySource(properties = "anneal.roles=api,inference")
class SlowConnectionsTest {
    private static final int CONNECTIONS = 600;

    @Autowired
    Api api;

    @LocalServerPort
    int port;

    private Client other;

    @BeforeEach
    void anotherProject() {
        api.post("/api/v1/projects", "{\"id\":\"other\"}");
        other = api.withKey(api.post("/api/v1/keys", "{\"name\":\"other\",\"role\":\"editor\",\"project\":\"other\"}")
                .text("secret"));
        other.post("/api/v1/jobs/estimate", "{}"); // so that everything is loaded
    }

    @Test
    void withoutAKeyTheyAreRefusedBeforeTheirBodiesAreRead() throws Exception {
        assertOthersAreServed("POST /api/v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\n");
    }

    @Test
    void withAKeyOnlySomeOfThemMayWait() throws Exception {
        assertOthersAreServed("POST /api/v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + api.key() + "\r\n");
    }

    @Test
    void formsWithAKeyAreBoundedToo() throws Exception {
        assertOthersAreServed("POST /api/v1/datasets HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Authorization: Bearer " + api.key() + "\r\n");
    }

    @Test
    void pathsThatNeedNoKeyReadNoBodies() throws Exception {
        assertOthersAreServed("GET /actuator/health HTTP/1.1\r\n");
    }

    @Test
    void formsOfTheSignInAreFewAndSmall() throws Exception {
        String form = "POST /ui/sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Sec-Fetch-Site: same-origin\r\n";
        assertOthersAreServed(form, 1000);
        assertOthersAreServed(form);
    }

    private void assertOthersAreServed(String head) throws Exception {
        assertOthersAreServed(head, 1_000_000);
    }

    private void assertOthersAreServed(String head, int length) throws Exception {
        List<Socket> slow = new ArrayList<>();
        Soon.prepare();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                slow.add(connect(head + "Host: x\r\nContent-Length: " + length + "\r\n\r\n{"));
                if (i % 100 == 99) {
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
    }

    private Socket connect(String start) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
