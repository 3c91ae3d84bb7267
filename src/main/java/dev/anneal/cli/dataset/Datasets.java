package dev.anneal.cli.dataset;

import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.Deletion;
import dev.anneal.cli.command.ListCommand;
import dev.anneal.cli.command.Listing;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about datasets: list them, check a file, list the problems of a dataset, delete some. */
@Command(
        name = "datasets",
        description = "List datasets; check a file; see problems, statistics and rows; make a version; export; delete.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --limit 100",
            "  ${COMMAND-FULL-NAME} check reviews.csv",
            "  ${COMMAND-FULL-NAME} problems ds_01M8QG7ZK4T2",
            "  ${COMMAND-FULL-NAME} stats reviews.csv --model all-MiniLM-L6-v2",
            "  ${COMMAND-FULL-NAME} browse reviews.csv --label positive --sample 10",
            "  ${COMMAND-FULL-NAME} fix reviews.csv --drop-duplicates --remove-leakage",
            "  ${COMMAND-FULL-NAME} delete reviews.csv"
        })
public final class Datasets extends ListCommand {
    public Datasets(Session session) {
        super(session, "/datasets", "dataset", "name", "status", "task", ">rows", ">labels", ">size", "created");
    }

    @Override
    protected void row(Table table, JsonNode dataset) {
        table.row(
                Fields.text(dataset, "id"),
                Units.shorten(Fields.text(dataset, "name"), 30),
                Fields.text(dataset, "status"),
                Fields.text(dataset, "task"),
                Fields.count(dataset, "row_count"),
                Units.count(dataset.path("labels").size()),
                Units.bytes(Fields.whole(dataset, "size_bytes")),
                Fields.time(dataset, "created_at"));
    }

    @Command(description = "List what is wrong with the rows of a dataset.")
    int problems(@Mixin Listing listing, @Mixin DatasetParameter dataset) throws IOException, InterruptedException {
        return listing.print(
                session,
                dataset.path(session.api()) + "/problems",
                "",
                new Table(">line", "column", "severity", "problem"),
                Check::row);
    }

    @Command(description = "List the versions that were made of a dataset.")
    int versions(@Mixin Listing listing, @Mixin DatasetParameter dataset) throws IOException, InterruptedException {
        return listing.print(
                session,
                dataset.path(session.api()) + "/versions",
                "",
                new Table("dataset", "name", "made of", ">rows", "steps", "created"),
                (rows, version) -> rows.row(
                        Fields.text(version, "id"),
                        Units.shorten(Fields.text(version, "name"), 30),
                        Fields.text(version, "parent"),
                        Fields.count(version, "row_count"),
                        Datasets.steps(version),
                        Fields.time(version, "created_at")));
    }

    /** Returns the types of the steps that made a version. */
    static String steps(JsonNode version) {
        return version.path("changes")
                .valueStream()
                .map(change -> Fields.text(change.path("step"), "type"))
                .collect(Collectors.joining(", "));
    }

    @Command(description = "Delete datasets and their rows.")
    int delete(
            @Parameters(paramLabel = "DATASET", arity = "1..*", description = "Ids or names of the datasets.")
                    List<String> datasets)
            throws IOException, InterruptedException {
        return Deletion.of(session, Lookup.DATASET, datasets);
    }
}
