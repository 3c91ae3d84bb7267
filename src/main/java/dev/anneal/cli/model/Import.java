package dev.anneal.cli.model;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.WaitOptions;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Event;
import dev.anneal.cli.http.EventStream;
import dev.anneal.cli.http.Multipart;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.ProgressBar;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.TransferProgress;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that imports a base model from a hub or a zip, and shows its progress. */
@Command(
        name = "import",
        description = "Import a base model from a Hugging Face hub or a zip.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} hf:google-bert/bert-base-uncased",
            "  ${COMMAND-FULL-NAME} model.zip --name acme/model"
        })
public final class Import implements Callable<Integer> {
    @Parameters(
            paramLabel = "hf:ORG/NAME|FILE.zip",
            description = "A model of the hub, or a zip of a Hugging Face directory.")
    private String source;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the model (default: that of the hub or file).")
    private @Nullable String name;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "Branch, tag or commit of the hub (default: main).")
    private @Nullable String revision;

    @Mixin
    private WaitOptions wait;

    private final Session session;

    public Import(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean hub = source.startsWith("hf:");
        if (!hub) {
            checkFile();
        }
        Api api = session.api();
        Terminal terminal = wait.terminal(session);
        JsonNode model = hub ? fromHub(api, terminal) : upload(api, Path.of(source), terminal);
        if (wait.isJson()) {
            session.print(model);
        }
        String status = Fields.text(model, "status");
        if (status.equals("ready")) {
            terminal.line("Model " + terminal.bold(Fields.text(model, "name")) + "   "
                    + terminal.dim(Fields.text(model, "id")) + "   " + Fields.text(model, "architecture") + ", "
                    + Fields.count(model, "parameters") + " parameters, "
                    + Units.bytes(Fields.whole(model, "size_bytes")));
            if (!model.path("files_left_out").isEmpty()) {
                terminal.line("The model does not need these files of the zip, and they are not stored: "
                        + ModelText.filesLeftOut(model));
            }
        } else if (status.equals("failed")) {
            terminal.line("The import failed. " + JobText.error(model));
        }
        return status.equals("failed") ? 1 : 0;
    }

    private void checkFile() {
        if (revision != null || wait.isDetached()) {
            throw Failure.usage(
                    (revision != null ? "--revision" : "--detach") + " applies to models of a hub only: hf:ORG/NAME.");
        }
        Path file = Path.of(source);
        if (Files.isDirectory(file)) {
            throw new Failure(Shell.path(file) + " is a folder. Import a zip of its files: (cd " + Shell.path(file)
                    + " && zip -r - .) > model.zip");
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new Failure(
                    "There is no readable file " + Shell.path(file) + ". A model of a hub is named hf:ORG/NAME.");
        }
    }

    private JsonNode fromHub(Api api, Terminal terminal) throws IOException, InterruptedException {
        ObjectNode request = Json.MAPPER.createObjectNode().put("source", source);
        if (revision != null) {
            request.put("revision", revision);
        }
        if (name != null) {
            request.put("name", name);
        }
        JsonNode model = api.send(Call.post("/models", request));
        String id = Fields.text(model, "id");
        terminal.line("Importing " + terminal.bold(Fields.text(model, "name")) + "   " + terminal.dim(id));
        if (wait.isDetached()) {
            return model;
        }
        try (Interrupts interrupts = Interrupts.call(() -> {
            terminal.close();
            terminal.error("The import is still running. See: " + Shell.anneal("model " + id));
        })) {
            EventStream.ofModel(api, id, terminal::status).read(event -> show(event, terminal));
        }
        return api.get(Lookup.MODEL.path(id));
    }

    private static void show(Event event, Terminal terminal) {
        if (event.type().equals("progress")) {
            long done = Fields.whole(event.data(), "downloaded_bytes");
            long total = Fields.whole(event.data(), "total_bytes");
            String words = Units.bytes(done) + (total > 0 ? " of " + Units.bytes(total) : "") + "  "
                    + (event.data().hasNonNull("file") ? Fields.text(event.data(), "file") : "checking");
            terminal.live(ProgressBar.of(total > 0 ? (double) done / total : 0, words, terminal));
        }
    }

    private JsonNode upload(Api api, Path file, Terminal terminal) throws IOException, InterruptedException {
        // A server that refuses a large body closes the connection while it is sent; a small call brings the reason.
        api.get("/models?limit=1");
        return api.send(
                Call.upload("/models/upload", Multipart.of(file, name == null ? Map.of() : Map.of("name", name))),
                new TransferProgress("uploading", Files.size(file), "the server checks the model", terminal));
    }
}
