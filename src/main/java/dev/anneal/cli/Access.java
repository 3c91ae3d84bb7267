package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The commands about who may do what: {@code keys} and {@code projects}, each with what to do as its first operand. */
final class Access {
    static final Command KEYS = new Command(
            "keys",
            "[list | create | revoke <key>]",
            "list, make and revoke keys",
            List.of(
                    new Option("name", "NAME", "what the new key is for"),
                    new Option("role", "ROLE", "viewer, editor or admin (viewer)"),
                    new Option("project", "PROJECT", "the project of the new key; without one, your own key's"),
                    new Option("days", "N", "after how many days the new key expires (never)"),
                    Listing.LIMIT,
                    Listing.JSON),
            Access::keys);
    static final Command PROJECTS = new Command(
            "projects",
            "[list | create <id>]",
            "list and make projects",
            List.of(new Option("name", "NAME", "how the new project is called (its id)"), Listing.LIMIT, Listing.JSON),
            Access::projects);

    private Access() {}

    private static int keys(Session session) throws IOException, InterruptedException {
        List<String> words = session.arguments().operands();
        String verb = words.isEmpty() ? "list" : words.get(0);
        return switch (verb) {
            case "list" -> listKeys(session);
            case "create" -> createKey(session);
            case "revoke" -> revokeKey(session);
            default -> throw unknown("keys", verb, List.of("list", "create", "revoke"));
        };
    }

    private static int listKeys(Session session) throws IOException, InterruptedException {
        return Listing.print(
                withoutVerb(session),
                "/keys",
                "",
                new Table("key", "name", "role", "project", "secret", "last used", "expires", "revoked"),
                (table, key) -> table.row(
                        Fields.text(key, "id"),
                        Units.shorten(Fields.text(key, "name"), 30),
                        Fields.text(key, "role"),
                        Fields.text(key, "project"),
                        Fields.text(key, "prefix") + "…" + Fields.text(key, "last_four"),
                        Fields.time(key, "last_used_at"),
                        Fields.time(key, "expires_at"),
                        Fields.time(key, "revoked_at")));
    }

    private static int createKey(Session session) throws IOException, InterruptedException {
        withoutVerb(session).arguments().noOperands();
        Arguments arguments = session.arguments();
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put(
                "name",
                arguments.value("name").orElseThrow(() -> Failure.usage("What is the key for? Say it with --name.")));
        body.put("role", arguments.value("role").orElse("viewer"));
        arguments.value("project").ifPresent(project -> body.put("project", project));
        arguments.value("days").ifPresent(days -> body.put("expires_in_days", whole(days)));
        JsonNode key = session.api().send(Call.post("/keys", body));
        if (session.json()) {
            session.print(key);
            return 0;
        }
        session.terminal().line(Fields.text(key, "secret"));
        session.terminal()
                .error("Keep it now, it is not shown again. To revoke it: "
                        + Shell.anneal("keys revoke " + Fields.text(key, "id")));
        return 0;
    }

    private static int whole(String days) {
        try {
            return Integer.parseInt(days);
        } catch (NumberFormatException e) {
            throw Failure.usage("--days wants a whole number, not: " + days);
        }
    }

    private static int revokeKey(Session session) throws IOException, InterruptedException {
        String id = withoutVerb(session).arguments().only("key");
        session.api().send(Call.delete("/keys/" + Call.segment(id)));
        session.terminal().line("The key is revoked.");
        return 0;
    }

    private static int projects(Session session) throws IOException, InterruptedException {
        List<String> words = session.arguments().operands();
        String verb = words.isEmpty() ? "list" : words.get(0);
        return switch (verb) {
            case "list" -> listProjects(session);
            case "create" -> createProject(session);
            default -> throw unknown("projects", verb, List.of("list", "create"));
        };
    }

    private static int listProjects(Session session) throws IOException, InterruptedException {
        return Listing.print(
                withoutVerb(session),
                "/projects",
                "",
                new Table("project", "name", ">datasets", ">models", ">running", ">queued", ">size", "created"),
                (table, project) -> table.row(
                        Fields.text(project, "id"),
                        Units.shorten(Fields.text(project, "name"), 30),
                        Fields.count(project.path("usage"), "datasets"),
                        Fields.count(project.path("usage"), "models"),
                        Fields.count(project.path("usage"), "running_jobs"),
                        Fields.count(project.path("usage"), "queued_jobs"),
                        Units.bytes(Fields.whole(project.path("usage"), "storage_bytes")),
                        Fields.time(project, "created_at")));
    }

    private static int createProject(Session session) throws IOException, InterruptedException {
        String id = withoutVerb(session).arguments().only("project");
        ObjectNode body = Json.MAPPER.createObjectNode().put("id", id);
        session.arguments().value("name").ifPresent(name -> body.put("name", name));
        JsonNode project = session.api().send(Call.post("/projects", body));
        if (session.json()) {
            session.print(project);
        } else {
            session.terminal()
                    .line("Project " + Fields.text(project, "id") + ". A key of it: "
                            + Shell.anneal("keys create --name … --role editor --project " + id));
        }
        return 0;
    }

    private static Session withoutVerb(Session session) {
        List<String> words = session.arguments().operands();
        Arguments rest =
                new Arguments(session.arguments().options(), words.isEmpty() ? words : words.subList(1, words.size()));
        return new Session(rest, session.environment(), session.in(), session.terminal());
    }

    private static Failure unknown(String command, String verb, List<String> known) {
        return Failure.usage("anneal " + command + " cannot " + verb + "; it can " + String.join(", ", known) + "."
                + Suggestion.of(verb, known));
    }
}
