package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that imports a base model, from a hub or a zip, and shows how far it is. */
final class Import {
    static final Command COMMAND = new Command(
            "import",
            "<hf:org/name | file.zip>",
            "import a base model from a Hugging Face hub or a zip",
            List.of(
                    new Option("name", "NAME", "the name it gets here, else that of the hub or the file"),
                    new Option("revision", "REV", "a branch, tag or commit of the hub, else main"),
                    Option.flag("detach", "do not wait for the model"),
                    Option.flag("json", "print only the model as JSON")),
            Import::run);
    private static final Set<String> HUB_ONLY = Set.of("revision", "detach");

    private Import() {}

    private static int run(Session session) throws IOException, InterruptedException {
        Arguments arguments = session.arguments();
        String source = arguments.only("model (hf:org/name or a zip)");
        Api api = session.api();
        Terminal terminal = session.json() ? session.terminal().silent() : session.terminal();
        JsonNode model = source.startsWith("hf:")
                ? fromHub(api, source, arguments, terminal)
                : upload(api, Path.of(source), arguments, terminal);
        if (session.json()) {
            session.print(model);
        }
        String status = Fields.text(model, "status");
        if (status.equals("ready")) {
            terminal.line("Model " + terminal.bold(Fields.text(model, "name")) + "   " + Fields.text(model, "id")
                    + "   "
                    + Fields.text(model, "architecture") + ", " + Fields.count(model, "parameters") + " parameters, "
                    + Units.bytes(Fields.whole(model, "size_bytes")));
        } else if (status.equals("failed")) {
            terminal.line("The import failed. " + Fields.text(model.path("error"), "code") + ": "
                    + Fields.text(model.path("error"), "message"));
        }
        return status.equals("failed") ? 1 : 0;
    }

    private static JsonNode fromHub(Api api, String source, Arguments arguments, Terminal terminal)
            throws IOException, InterruptedException {
        ObjectNode request = Json.MAPPER.createObjectNode().put("source", source);
        for (String field : List.of("revision", "name")) {
            arguments.value(field).ifPresent(value -> request.put(field, value));
        }
        JsonNode model = api.send(Call.post("/models", request));
        String id = Fields.text(model, "id");
        terminal.line("Importing " + terminal.bold(Fields.text(model, "name")) + "   " + id);
        if (arguments.has("detach")) {
            return model;
        }
        try (Interrupts interrupts = Interrupts.call(() -> {
            terminal.close();
            terminal.error("The import goes on; see " + Shell.anneal("models --kind base"));
        })) {
            EventStream.ofModel(api, id, terminal::status).read(event -> show(event, terminal));
        }
        return api.get("/models/" + Call.segment(id));
    }

    private static void show(JobEvent event, Terminal terminal) {
        if (event.type().equals("progress")) {
            long done = Fields.whole(event.data(), "downloaded_bytes");
            long total = Fields.whole(event.data(), "total_bytes");
            String words = Units.bytes(done) + (total > 0 ? " of " + Units.bytes(total) : "") + "  "
                    + (event.data().hasNonNull("file") ? Fields.text(event.data(), "file") : "checking");
            terminal.live(Bar.of(total > 0 ? (double) done / total : 0, words, terminal));
        }
    }

    private static JsonNode upload(Api api, Path file, Arguments arguments, Terminal terminal)
            throws IOException, InterruptedException {
        for (String option : HUB_ONLY) {
            if (arguments.has(option)) {
                throw Failure.usage("--" + option + " is for models of a hub (hf:org/name).");
            }
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new Failure("There is no readable file " + file + "; a model of a hub is called hf:org/name.");
        }
        Map<String, String> fields = new LinkedHashMap<>();
        arguments.value("name").ifPresent(name -> fields.put("name", name));
        api.get("/models?limit=1"); // a wrong key is better told by a small call
        long size = Files.size(file);
        AtomicInteger shown = new AtomicInteger(-1);
        return api.send(Call.upload("/models", Multipart.of(file, fields)), sent -> {
            int percent = (int) Math.min(100, 100 * sent / Math.max(1, size));
            if (shown.getAndSet(percent) != percent) {
                String words = percent < 100
                        ? "uploading " + Units.bytes(sent) + " of " + Units.bytes(size)
                        : "waiting while the server checks the model";
                terminal.live(Bar.of(percent / 100.0, words, terminal));
            }
        });
    }
}
