package dev.anneal.webhook;

import dev.anneal.outbound.OutboundGuard;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/webhooks")
class WebhookController {
    private final Webhooks webhooks;
    private final OutboundGuard guard;
    private final Idempotency idempotency;

    WebhookController(Webhooks webhooks, OutboundGuard guard, Idempotency idempotency) {
        this.webhooks = webhooks;
        this.guard = guard;
        this.idempotency = idempotency;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<WebhookView> create(
            @RequestBody JsonNode body, @RequestHeader(name = "Idempotency-Key", required = false) String key)
            throws IOException {
        WebhookRequest request = WebhookRequest.of(body, guard, project());
        String id = idempotency.once(
                key, "createWebhook", () -> Sha256.of(body.toString()), () -> webhooks.create(project(), request));
        WebhookView webhook = Idempotency.existing(key, "webhook", id, webhooks.find(project(), id));
        return ResponseEntity.created(URI.create("/api/v1/webhooks/" + id))
                .body(webhook.withSecret(webhooks.secret(id)));
    }

    @GetMapping
    Page<WebhookView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        return Page.of(
                webhooks.page(project(), Page.after(after, "wh", "webhook"), Page.limit(limit) + 1),
                limit,
                webhook -> webhook);
    }

    @GetMapping("/{id}")
    WebhookView get(@PathVariable String id) {
        return find(id);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        if (!webhooks.delete(project(), find(id).id())) {
            throw Problem.notFound("webhook", id);
        }
    }

    @GetMapping("/{id}/deliveries")
    Page<DeliveryView> deliveries(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        return Page.of(
                webhooks.deliveries(find(id).id(), Page.after(after, "msg", "delivery"), Page.limit(limit) + 1),
                limit,
                sent -> sent);
    }

    private WebhookView find(String id) {
        return webhooks.find(project(), id).orElseThrow(() -> Problem.notFound("webhook", id));
    }

    private static String project() {
        return Caller.current().project();
    }
}
