package dev.anneal.security.key;

import dev.anneal.security.Role;
import dev.anneal.web.JsonFields;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The request for a new key. A key of the server's admin has no project. */
record NewKey(
        String name,
        Role role,
        @Nullable String project,
        @Nullable Instant expiresAt) {
    private static final int MAX_DAYS = 3650;

    static NewKey of(JsonNode body) {
        JsonFields fields = new JsonFields(body);
        String name = fields.requiredName("name");
        if (!fields.has("role")) {
            fields.wrong("role", "required", "is required");
        }
        String role = fields.choice("role", List.of("viewer", "editor", "admin"));
        String project = fields.string("project", 63);
        Integer days = fields.integer("expires_in_days", 1, MAX_DAYS);
        Instant expires = instant(fields, fields.string("expires_at", 40));
        if (fields.has("expires_in_days") && fields.has("expires_at")) {
            fields.wrong("expires_in_days", "conflicting", "must not be combined with 'expires_at'");
        }
        fields.refuseUnknown();
        fields.done();
        Instant end = days == null ? expires : Instant.now().plus(Duration.ofDays(days));
        return new NewKey(
                name,
                Role.valueOf(Objects.requireNonNull(role, "done() refuses a request without a role")),
                project,
                end == null ? null : end.truncatedTo(ChronoUnit.MICROS));
    }

    private static @Nullable Instant instant(JsonFields fields, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            Instant now = Instant.now();
            if (instant.isAfter(now) && instant.isBefore(now.plus(Duration.ofDays(MAX_DAYS)))) {
                return instant;
            }
            fields.wrong("expires_at", "out_of_range", "must be in the future, at most " + MAX_DAYS + " days ahead");
        } catch (DateTimeException e) {
            fields.wrong("expires_at", "invalid_value", "must be a time such as 2030-01-31T12:00:00Z");
        }
        return null;
    }

    NewKey in(@Nullable String other) {
        return new NewKey(name, role, other, expiresAt);
    }
}
