package dev.anneal.cli.dataset;

import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The command that writes the rows of a dataset to a file. */
@Command(
        name = "export",
        description = "Write the rows of a dataset to a file, which can be uploaded again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv-v2",
            "  ${COMMAND-FULL-NAME} reviews.csv --split test --output test.csv"
        })
public final class Export implements Callable<Integer> {
    private static final List<String> FORMATS = List.of("jsonl", "csv", "parquet");
    private static final List<String> OTHER_FORMATS = List.of("json", "tsv", "xlsx", "zip", "gz", "zst");

    @Mixin
    private DatasetParameter dataset;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "jsonl, csv or parquet (default: the ending of --output, else jsonl).")
    private @Nullable String format;

    @Option(names = "--split", paramLabel = "SPLIT", description = "Only the rows for train, validation or test.")
    private @Nullable String split;

    @Mixin
    private OutputFile output;

    private final Session session;

    public Export(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        String chosen = format();
        Api api = session.api();
        JsonNode found = api.get(dataset.path(api));
        String query = "?format=" + Call.segment(chosen) + (split == null ? "" : "&split=" + Call.segment(split));
        output.write(
                session,
                api,
                Call.get(Lookup.DATASET.path(Fields.text(found, "id")) + "/export" + query),
                Fields.text(found, "name"),
                Call.segment(chosen),
                "exporting",
                Fields.whole(found, "size_bytes"));
        return 0;
    }

    /** Returns the format that is given, or that of the file's ending. */
    private String format() {
        String ending = output.ending();
        boolean known = FORMATS.contains(ending);
        if (format != null && known && !format.equals(ending)) {
            throw Failure.usage("--output ends with ." + ending + ", but --format is " + format
                    + ". Leave out --format, or give the file another ending.");
        }
        if (format == null && OTHER_FORMATS.contains(ending)) {
            throw Failure.usage("--output cannot end with ." + ending + ". Choose one of ."
                    + String.join(", .", FORMATS) + ", or name one with --format.");
        }
        return format != null ? format : known ? ending : FORMATS.get(0);
    }
}
