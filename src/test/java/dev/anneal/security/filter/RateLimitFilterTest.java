package dev.anneal.security.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.web.limit.Limits;
import java.io.UnsupportedEncodingException;
import java.security.Principal;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;

/** The number of requests that a key may make. */
class RateLimitFilterTest {
    private final RateLimitFilter limit = new RateLimitFilter(new Limits(1, 5, 0, 0, 0, 0, DataSize.ofBytes(0), 0));

    @Test
    void aKeyAboveTheRateLimitGetsTheLimitAndWhenToRetry() throws Exception {
        for (int i = 0; i < 5; i++) {
            MockHttpServletResponse good = call("a", "/api/v1/jobs");
            assertThat(good.getStatus()).isEqualTo(200);
            assertThat(good.getHeader("RateLimit")).startsWith("\"key\";r=" + (4 - i));
            assertThat(good.getHeader("RateLimit-Policy")).isEqualTo("\"key\";q=5;w=5");
        }
        MockHttpServletResponse refused = call("a", "/api/v1/jobs");

        assertThat(refused.getStatus()).isEqualTo(429);
        assertThat(refused.getHeader("Retry-After")).isEqualTo("1");
        assertThat(refused.getContentType()).startsWith("application/problem+json");
        assertThat(json(refused).get("code").asString()).isEqualTo("too_many_requests");
        assertThat(json(refused).get("limit").asInt()).isEqualTo(1);
        assertThat(json(refused).get("instance").asString()).isEqualTo("/api/v1/jobs");
    }

    @Test
    void otherKeysAndHealthAreNotHeldUp() throws Exception {
        for (int i = 0; i < 6; i++) {
            call("a", "/api/v1/jobs");
        }

        assertThat(call("b", "/api/v1/jobs").getStatus()).isEqualTo(200);
        assertThat(call("a", "/actuator/health/readiness").getStatus()).isEqualTo(200);
        limit.removeFullBuckets();
        assertThat(call("a", "/api/v1/jobs").getStatus())
                .as("a bucket that is not full is kept")
                .isEqualTo(429);
    }

    @Test
    void anEncodedPathCountsAsTheSamePath() throws Exception {
        for (int i = 0; i < 5; i++) {
            call("a", "/%61pi/v1/jobs");
        }

        assertThat(call("a", "/a%70i/v1/jobs").getStatus()).isEqualTo(429);
    }

    private MockHttpServletResponse call(String key, String path) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        Principal principal = () -> key;
        request.setUserPrincipal(principal);
        MockHttpServletResponse response = new MockHttpServletResponse();
        limit.doFilter(request, response, new MockFilterChain());
        return response;
    }

    private static JsonNode json(MockHttpServletResponse response) throws UnsupportedEncodingException {
        return Json.MAPPER.readTree(response.getContentAsString());
    }
}
