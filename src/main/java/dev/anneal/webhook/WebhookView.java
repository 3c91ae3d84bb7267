package dev.anneal.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A webhook in an answer. It has its secret only in the answer that creates it. */
record WebhookView(
        String id,
        String url,
        List<String> events,
        @Nullable String description,
        String status,
        @Nullable String disabledReason,
        Instant createdAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String secret) {
    WebhookView withSecret(String secret) {
        return new WebhookView(id, url, events, description, status, disabledReason, createdAt, secret);
    }

    /** Omits the secret, because the text may be logged. */
    @Override
    public String toString() {
        return id + " " + url;
    }
}
