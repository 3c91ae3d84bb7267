package dev.anneal.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.json.Json;
import dev.anneal.outbound.SlowNames;
import dev.anneal.web.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Webhooks at hosts whose name server does not answer. */
class WebhookRequestTest {
    private final SlowNames names = new SlowNames();
    private final dev.anneal.outbound.OutboundGuard guard = names.guard();

    @AfterEach
    void end() {
        names.answer();
    }

    @Test
    void aSlowNameIsRefusedSoonAndManyAreNotWaitedFor() {
        for (int i = 0; i < 4; i++) {
            Problem slow = refusal("slow-" + i + ".example", "a");
            assertThat(slow.code()).isEqualTo("unknown_host");
            assertThat(slow.errors().get(0).field()).isEqualTo("url");
        }
        Problem later = refusal("good.example", "a");

        assertThat(later.status().value()).isEqualTo(429);
        assertThat(later.code()).isEqualTo("too_many_lookups");
        assertThat(request("good.example", "b").url()).isEqualTo("https://good.example/");
    }

    private Problem refusal(String host, String project) {
        return catchThrowableOfType(Problem.class, () -> request(host, project));
    }

    private WebhookRequest request(String host, String project) {
        return WebhookRequest.of(
                Json.MAPPER.readTree("{\"url\": \"https://" + host + "/\", \"events\": [\"job.failed\"]}"),
                guard,
                project);
    }
}
