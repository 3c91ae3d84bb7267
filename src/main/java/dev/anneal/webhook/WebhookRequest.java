package dev.anneal.webhook;

import dev.anneal.outbound.AddressRefused;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.TooManyLookups;
import dev.anneal.text.Suggest;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/** The checked request for a webhook. Its host is resolved here and again at each delivery. */
record WebhookRequest(
        String url, List<String> events, @Nullable String description) {
    static final List<String> EVENTS = List.of(
            "job.queued",
            "job.running",
            "job.paused",
            "job.succeeded",
            "job.failed",
            "job.cancelled",
            "evaluation.queued",
            "evaluation.running",
            "evaluation.succeeded",
            "evaluation.failed",
            "evaluation.cancelled",
            "prediction.queued",
            "prediction.running",
            "prediction.succeeded",
            "prediction.failed",
            "prediction.cancelled");

    static WebhookRequest of(JsonNode body, OutboundGuard guard, String project) {
        JsonFields fields = new JsonFields(body);
        String url = fields.required("url", 2000);
        if (!url.isEmpty()) {
            checkUrl(fields, url, guard, project);
        }
        if (!fields.has("events")) {
            fields.wrong("events", "required", "is required");
        }
        List<String> events = Objects.requireNonNullElse(fields.list("events", EVENTS.size(), 100), List.of());
        events.stream()
                .filter(event -> !EVENTS.contains(event))
                .forEach(event -> fields.wrong(
                        "events",
                        "unknown_event",
                        "'%s' is not a valid event. Valid events: %s.%s"
                                .formatted(
                                        Problem.quote(event),
                                        String.join(", ", EVENTS),
                                        Suggest.nearest(event, EVENTS))));
        String description = fields.string("description", 500);
        fields.refuseUnknown();
        fields.done();
        return new WebhookRequest(url, events, description);
    }

    private static void checkUrl(JsonFields fields, String url, OutboundGuard guard, String project) {
        try {
            URI uri = new URI(url);
            if (!OutboundGuard.isWeb(uri) || uri.getRawFragment() != null) {
                fields.wrong(
                        "url",
                        "invalid_url",
                        "must be an http or https URL with a host, without a user name or a fragment");
                return;
            }
            guard.check(uri, project);
        } catch (URISyntaxException e) {
            fields.wrong("url", "invalid_url", "is not a valid URL");
        } catch (AddressRefused refused) {
            fields.wrong("url", "address_refused", String.valueOf(refused.getMessage()));
        } catch (TooManyLookups later) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_lookups",
                    "Name servers are slow to answer for the hosts of other webhooks of this project. Try again later.");
        } catch (UnknownHostException e) {
            fields.wrong("url", "unknown_host", "must have a host name that can be resolved within 5 seconds");
        }
    }
}
