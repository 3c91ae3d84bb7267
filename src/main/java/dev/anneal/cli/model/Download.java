package dev.anneal.cli.model;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private OutputFile output;

    private final Session session;

    public Download(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        JsonNode found = api.get(Lookup.MODEL.path(api, model));
        output.write(
                session,
                api,
                Call.get(Lookup.MODEL.path(Fields.text(found, "id")) + "/download"),
                Fields.text(found, "name"),
                "zip",
                "downloading",
                Fields.whole(found, "size_bytes"));
        return 0;
    }
}
