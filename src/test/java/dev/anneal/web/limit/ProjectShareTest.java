package dev.anneal.web.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;

/** Projects with several keys. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api", "anneal.request.max-arriving=1"})
class ProjectShareTest {
    @Autowired
    Api api;

    @Autowired
    Environment environment;

    @Test
    void theKeysOfAProjectHaveOneShareOfTheBodiesThatArrive() throws IOException {
        Client first = key("a");
        Client second = key("a");
        Client other = key("b");

        try (Socket slow = begin(first)) {
            Awaitility.await().untilAsserted(() -> assertThat(post(second)).isEqualTo("too_many_bodies"));
            assertThat(post(other)).isEqualTo("read");
        }
        Awaitility.await().untilAsserted(() -> assertThat(post(second)).isEqualTo("read"));
    }

    private Client key(String project) {
        api.post("/api/v1/projects", "{\"id\":\"" + project + "\"}");
        return api.withKey(
                api.post("/api/v1/keys", """
                {"name":"one of %s","role":"editor","project":"%s"}""".formatted(project, project)).text("secret"));
    }

    private static String post(Client client) {
        Answer answer = client.post("/api/v1/jobs/estimate", "{}");
        assertThat(answer.status()).isIn(422, 429);
        return answer.status() == 429 ? answer.code() : "read";
    }

    /** Begins a request whose body does not arrive. */
    private Socket begin(Client client) throws IOException {
        Socket socket = new Socket("127.0.0.1", Integer.parseInt(environment.getProperty("local.server.port")));
        socket.getOutputStream().write("""
                        POST /api/v1/jobs/estimate HTTP/1.1\r
                        Host: localhost\r
                        Authorization: Bearer %s\r
                        Content-Type: application/json\r
                        Content-Length: 100\r
                        \r
                        {""".formatted(client.key()).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
