package dev.anneal.page;

import dev.anneal.json.Json;
import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Facts;
import dev.anneal.page.layout.Forms;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.JsonFields;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.role.ForRole;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The page of a project's admin: limits and usage, keys, webhooks and their deliveries, the audit log. */
@RestController
@ForRole("api")
class AdminPage {
    private final Api api;

    AdminPage(Api api) {
        this.api = api;
    }

    @GetMapping("/ui/admin")
    ResponseEntity<String> show(@RequestParam(required = false) @Nullable String after, HttpServletRequest request) {
        Session session = Session.of(request);
        JsonNode project =
                api.get(Api.path("/api/v1/projects/%s", session.caller().project()));
        JsonNode keys = api.get("/api/v1/keys", "limit", "50", "after", after);
        JsonNode webhooks = api.get("/api/v1/webhooks", "limit", "50");
        return Frame.page("Admin", "admin", html -> {
            limits(html, project);
            keys(html, session, keys, after);
            webhooks(html, session, webhooks.path("data"));
            html.open("p").element("a", "Audit log", "href", "/ui/admin/audit").close("p");
        });
    }

    private static void limits(Html html, JsonNode project) {
        JsonNode usage = project.path("usage");
        JsonNode limits = project.path("limits");
        html.open("section")
                .open("h2")
                .text("Project ")
                .user(project.path("name").asString(), 80);
        html.close("h2");
        new Facts(html)
                .add("Running jobs", used(usage, "running_jobs", limits, "max_running_jobs"))
                .add("Queued jobs", used(usage, "queued_jobs", limits, "max_queued_jobs"))
                .add("Datasets", used(usage, "datasets", limits, "max_datasets"))
                .add("Models", Numbers.count(usage, "models"))
                .add(
                        "Storage",
                        Numbers.bytes(usage.path("storage_bytes").asLong(0))
                                + (limits.path("max_storage_bytes").isNumber()
                                        ? " of "
                                                + Numbers.bytes(limits.path("max_storage_bytes")
                                                        .asLong())
                                        : ", no limit"))
                .add("Weight", Numbers.plain(limits.path("weight").asDouble(1)))
                .end();
        html.close("section");
    }

    private static String used(JsonNode usage, String name, JsonNode limits, String limit) {
        return Numbers.count(usage, name)
                + (limits.path(limit).isNumber() ? " of " + Numbers.count(limits, limit) : ", no limit");
    }

    private static void keys(Html html, Session session, JsonNode keys, @Nullable String after) {
        html.open("section").element("h2", "Keys");
        Table table = new Table(
                html, "Keys", "name", "role", "project", "start and end of the key", "last used", "state", "revoke");
        for (JsonNode key : keys.path("data")) {
            boolean isRevoked = !key.path("revoked_at").isNull();
            String id = key.path("id").asString();
            table.row(
                    Cell.name(key, "name"),
                    Cell.name(key, "role"),
                    Cell.name(key, "project"),
                    Cell.of(key.path("prefix").asString("") + "…"
                            + key.path("last_four").asString("")),
                    Words.time(key, "last_used_at"),
                    Cell.of(isRevoked ? "revoked" : "valid"),
                    cell -> {
                        if (!isRevoked) {
                            new Forms(cell, session)
                                    .button(
                                            "revokeKey",
                                            Api.path("/api/v1/keys/%s", id),
                                            "Revoke",
                                            "/ui/admin",
                                            "Revoke this key? Programs that use it stop working at once.");
                        }
                    });
        }
        table.end();
        Words.pages(html, keys, "/ui/admin", "", after);
        html.open("details", "class", "card").element("summary", "Create a key");
        Forms forms = new Forms(html, session);
        if (forms.open("createKey", "/api/v1/keys", "/ui/admin", null)) {
            JsonFields fields = new JsonFields(html, Json.MAPPER.createObjectNode());
            fields.text("name", "Name", "Who or what uses the key.");
            Map<String, String> roles = new LinkedHashMap<>();
            roles.put("viewer", "viewer: reads everything and calls models");
            roles.put("editor", "editor: also creates and deletes");
            roles.put("admin", "admin: also keys, webhooks and the audit log");
            fields.choice("role", "Role", "What the key may do.", roles, null);
            fields.fixed("project", session.caller().project());
            fields.number("expires_in_days", "Days until it expires", "Leave it out for a key that does not expire.");
            html.element("button", "Create the key", "type", "submit");
            forms.close();
        }
        html.close("details").close("section");
    }

    private static void webhooks(Html html, Session session, JsonNode webhooks) {
        html.open("section").element("h2", "Webhooks");
        if (webhooks.isEmpty()) {
            Words.empty(html, "The project has no webhook. Create one to be called when jobs change.");
        } else {
            Table table = new Table(html, "Webhooks", "address", "events", "status", "delete");
            for (JsonNode webhook : webhooks) {
                String id = webhook.path("id").asString();
                String events = webhook.path("events")
                        .valueStream()
                        .map(event -> event.asString(""))
                        .collect(Collectors.joining(", "));
                table.row(
                        Words.link(
                                Api.path("/ui/admin/webhooks/%s", id),
                                webhook.path("url").asString()),
                        Cell.name(events),
                        Words.status(webhook.path("status").asString()),
                        cell -> new Forms(cell, session)
                                .button(
                                        "deleteWebhook",
                                        Api.path("/api/v1/webhooks/%s", id),
                                        "Delete",
                                        "/ui/admin",
                                        "Delete this webhook?"));
            }
            table.end();
        }
        html.open("details", "class", "card").element("summary", "Create a webhook");
        Forms forms = new Forms(html, session);
        if (forms.open("createWebhook", "/api/v1/webhooks", "/ui/admin", null)) {
            JsonFields fields = new JsonFields(html, Json.MAPPER.createObjectNode());
            fields.text("url", "Address", "An https address that the server calls.");
            fields.text("description", "Description", "What it is for.");
            html.element("button", "Create the webhook", "type", "submit");
            forms.close();
        }
        html.close("details").close("section");
    }

    @GetMapping("/ui/admin/webhooks/{id}")
    ResponseEntity<String> deliveries(@PathVariable String id, @RequestParam(required = false) @Nullable String after) {
        JsonNode webhook = api.get(Api.path("/api/v1/webhooks/%s", id));
        JsonNode page = api.get(Api.path("/api/v1/webhooks/%s/deliveries", id), "limit", "50", "after", after);
        return Frame.page("Deliveries", "admin", html -> {
            html.open("p").user(webhook.path("url").asString(), 300).close("p");
            if (page.path("data").isEmpty()) {
                Words.empty(html, "Nothing was delivered yet. A delivery follows when a job changes.");
            } else {
                Table table = new Table(
                        html, "Deliveries", "event", "job", "status", ">attempts", ">answer", "error", "created");
                for (JsonNode delivery : page.path("data")) {
                    table.row(
                            Cell.name(delivery, "type"),
                            Cell.name(delivery, "job"),
                            Words.status(delivery.path("status").asString()),
                            Cell.count(delivery, "attempts"),
                            Cell.name(delivery, "response_status"),
                            Cell.words(delivery, "error"),
                            Words.time(delivery, "created_at"));
                }
                table.end();
            }
            Words.pages(html, page, Api.path("/ui/admin/webhooks/%s", id), "", after);
        });
    }

    @GetMapping("/ui/admin/audit")
    ResponseEntity<String> audit(
            @RequestParam(required = false) @Nullable String operation,
            @RequestParam(required = false) @Nullable String after) {
        String wanted = operation == null || operation.isBlank() ? null : operation.strip();
        JsonNode page = api.get("/api/v1/audit", "limit", "50", "operation", wanted, "after", after);
        return Frame.page("Audit log", "admin", html -> {
            html.open("form", "method", "get", "action", "/ui/admin/audit", "class", "filter");
            html.element("label", "Operation", "for", "operation")
                    .empty("input", "type", "text", "id", "operation", "name", "operation", "value", wanted)
                    .element("button", "Show", "type", "submit")
                    .close("form");
            if (page.path("data").isEmpty()) {
                Words.empty(html, "No entry.");
            } else {
                Table table = new Table(
                        html,
                        "Requested changes, newest first",
                        "time",
                        "who",
                        "operation",
                        "resource",
                        ">status",
                        "address");
                for (JsonNode entry : page.path("data")) {
                    table.row(
                            Words.time(entry, "created_at"),
                            Cell.name(entry, "actor_name"),
                            Cell.name(entry, "operation"),
                            Cell.name(entry, "resource"),
                            Cell.name(entry, "status"),
                            Cell.name(entry, "address"));
                }
                table.end();
            }
            Words.pages(html, page, "/ui/admin/audit", wanted == null ? "" : Api.path("operation=%s", wanted), after);
        });
    }
}
