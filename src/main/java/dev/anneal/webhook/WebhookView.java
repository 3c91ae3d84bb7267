package dev.anneal.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/** A webhook on the wire; the secret is there once, in the answer that makes it. */
record WebhookView(
        String id,
        String url,
        List<String> events,
        String description,
        String status,
        String disabledReason,
        Instant createdAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) String secret) {
    WebhookView withSecret(String secret) {
        return new WebhookView(id, url, events, description, status, disabledReason, createdAt, secret);
    }

    /** Never with the secret: what is logged stays. */
    @Override
    public String toString() {
        return id + " " + url;
    }
}
