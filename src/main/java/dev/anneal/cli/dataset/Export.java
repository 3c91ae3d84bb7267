package dev.anneal.cli.dataset;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
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

/** The command that writes the rows of a dataset to a file. */
@Command(
        name = "export",
        description = "Write the rows of a dataset to a file, which can be uploaded again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv-v2",
            "  ${COMMAND-FULL-NAME} reviews.csv --format csv --split test --output test.csv"
        })
public final class Export implements Callable<Integer> {
    @Parameters(paramLabel = "DATASET", description = "Id or name of the dataset.")
    private String dataset;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "jsonl",
            description = "jsonl, csv or parquet (default: ${DEFAULT-VALUE}).")
    private String format;

    @Option(names = "--split", paramLabel = "SPLIT", description = "Only the rows for train, validation or test.")
    private @Nullable String split;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "File to write (default: the dataset's name with the format).")
    private @Nullable Path output;

    @Option(names = "--force", description = "Overwrite the file if it exists.")
    private boolean force;

    private final Session session;

    public Export(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        JsonNode found = api.get(Lookup.DATASET.path(api, dataset));
        Path file = output == null
                ? Path.of(Fields.text(found, "name").replaceAll("[^\\w.-]+", "-") + "." + Call.segment(format))
                : output;
        if (Files.exists(file) && !force) {
            throw new Failure("The file " + Shell.word(file.toString())
                    + " exists. Give another name with --output, or --force to overwrite it.");
        }
        String query = "?format=" + Call.segment(format) + (split == null ? "" : "&split=" + Call.segment(split));
        api.download(
                Call.get(Lookup.DATASET.path(Fields.text(found, "id")) + "/export" + query),
                file,
                new TransferProgress("exporting", Fields.whole(found, "size_bytes"), "exporting", session.terminal()));
        session.terminal().line("Wrote " + Shell.word(file.toString()) + " (" + Units.bytes(Files.size(file)) + ").");
        return 0;
    }
}
