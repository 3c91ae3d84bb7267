package dev.anneal.cli.model;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.TransferProgress;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The command that downloads a model. */
@Command(
        name = "download",
        description = "Download a model as a zip of a Hugging Face directory.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} reviews-1", "  ${COMMAND-FULL-NAME} reviews-1 --output model.zip"})
public final class Download implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "Id or name of the model.")
    private String model;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "File to write (default: the model's name with .zip).")
    private @Nullable Path output;

    @Option(names = "--force", description = "Overwrite the file if it exists.")
    private boolean force;

    private final Session session;

    public Download(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        Terminal terminal = session.terminal();
        JsonNode found = api.get(Lookup.MODEL.path(api, model));
        Path file = output == null ? Path.of(Fields.text(found, "name").replaceAll("[^\\w.-]+", "-") + ".zip") : output;
        if (Files.exists(file) && !force) {
            throw new Failure("The file " + Shell.word(file.toString())
                    + " exists. Give another name with --output, or --force to overwrite it.");
        }
        long size = Fields.whole(found, "size_bytes");
        api.download(
                Call.get(Lookup.MODEL.path(Fields.text(found, "id")) + "/download"),
                file,
                new TransferProgress("downloading", size, "downloading", terminal));
        terminal.line("Wrote " + Shell.word(file.toString()) + " (" + Units.bytes(Files.size(file)) + ").");
        return 0;
    }
}
