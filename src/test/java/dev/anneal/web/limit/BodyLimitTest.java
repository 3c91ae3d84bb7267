package dev.anneal.web.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.web.RateLimitKey;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

/** Whose bodies are counted together. */
class BodyLimitTest {
    private final RequestSettings oneAtATime =
            new RequestSettings(DataSize.ofMegabytes(1), Duration.ofSeconds(1), 1, 1, DataSize.ofBytes(1000));
    private final BodyLimit limit =
            new BodyLimit(oneAtATime, new BodiesInFlight(oneAtATime, new TomcatServerProperties()));

    @Test
    void theKeysOfAProjectHaveOneShare() throws ServletException, IOException {
        List<Integer> meanwhile = new ArrayList<>();

        int first = send("key 1", "a", () -> {
            meanwhile.add(send("key 2", "a", () -> {}));
            meanwhile.add(send("key 3", "b", () -> {}));
            meanwhile.add(send("key 4", null, () -> {}));
        });

        assertThat(first).isEqualTo(200);
        assertThat(meanwhile).containsExactly(429, 200, 200);
        assertThat(send("key 2", "a", () -> {})).isEqualTo(200);
    }

    /** Requests whose body is on its way. */
    private interface Meanwhile {
        void run() throws ServletException, IOException;
    }

    private int send(String key, String project, Meanwhile meanwhile) throws ServletException, IOException {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/api/v1/jobs");
        request.setUserPrincipal(() -> key);
        request.setContentType("application/json");
        request.setContent("{}".getBytes());
        if (project != null) {
            RateLimitKey.keepProject(request, project);
        }
        MockHttpServletResponse response = new MockHttpServletResponse();
        limit.doFilter(request, response, (read, answered) -> meanwhile.run());
        return response.getStatus();
    }
}
