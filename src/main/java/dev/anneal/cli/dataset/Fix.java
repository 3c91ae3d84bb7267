package dev.anneal.cli.dataset;

import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.option.FixOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that makes a version of a dataset. */
@Command(
        name = "fix",
        description = {
            "Make a version of a dataset. The dataset itself stays as it is.",
            "In whatever order they are given, the steps run in this one: drop or relabel rows, append, filter, strip, redact, merge labels, drop labels, "
                    + "drop duplicates, drop near duplicates, resplit, remove leakage, sample."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv --drop-duplicates --remove-leakage",
            "  ${COMMAND-FULL-NAME} survey.csv --merge-labels Yes=yes,y=yes --drop-labels unknown --redact",
            "  ${COMMAND-FULL-NAME} reviews.csv --drop-near-duplicates --similarity 0.9 --filter min_characters=20",
            "  ${COMMAND-FULL-NAME} reviews.csv --sample 1000 --name reviews-small"
        })
public final class Fix implements Callable<Integer> {
    @Mixin
    private DatasetParameter dataset;

    @Option(
            names = "--drop-mislabelled",
            paramLabel = "JOB",
            description =
                    "Remove the rows whose label is probably wrong, as the report of a job or an evaluation (eval_…) on this dataset says.")
    private @Nullable String dropMislabelled;

    @Option(
            names = "--relabel-mislabelled",
            paramLabel = "JOB",
            description = "Give these rows the labels that the report suggests.")
    private @Nullable String relabelMislabelled;

    @Option(names = "--append", paramLabel = "DATASET", description = "Add the rows of another dataset.")
    private @Nullable String append;

    @Option(names = "--strip", description = "Remove control characters, and white space at the ends of texts.")
    private boolean strip;

    @Option(names = "--redact", description = "Replace e-mail addresses, phone numbers, card numbers and IBANs.")
    private boolean redact;

    @Option(
            names = "--drop-duplicates",
            description = "Remove rows that repeat the text and the label of an earlier one.")
    private boolean dropDuplicates;

    @Option(
            names = "--drop-near-duplicates",
            description = "Also remove rows whose text is almost that of an earlier one.")
    private boolean dropNearDuplicates;

    @Option(
            names = "--remove-leakage",
            description = "Remove training rows whose text, or almost that, is also in a validation or test row.")
    private boolean removeLeakage;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the version (default: the dataset's name with -v2).")
    private @Nullable String name;

    @Option(names = "--json", description = "Print only the version, as JSON.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Fix(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        ObjectNode request = Json.MAPPER.createObjectNode();
        if (name != null) {
            request.put("name", name);
        }
        Terminal terminal = json ? session.terminal().silent() : session.terminal();
        ArrayNode steps = steps(api, request.putArray("steps"), terminal);
        if (steps.isEmpty()) {
            throw Failure.usage("fix needs at least one step, such as --drop-duplicates.");
        }
        terminal.live("the server makes the rows");
        JsonNode version =
                ValidationProgress.await(api, api.send(Call.post(dataset.path(api) + "/versions", request)), terminal);
        if (json) {
            session.print(version);
        } else {
            print(version, terminal);
        }
        return 0;
    }

    private ArrayNode steps(Api api, ArrayNode steps, Terminal terminal) throws IOException, InterruptedException {
        Map<String, JsonNode> options = FixOptions.ALL.read(command);
        refuseUnused(options);
        if (dropMislabelled != null && relabelMislabelled != null) {
            throw Failure.usage("Give either --drop-mislabelled or --relabel-mislabelled.");
        }
        if (dropMislabelled != null) {
            ArrayNode numbers = steps.addObject().put("type", "drop_rows").putArray("numbers");
            new MislabelledRows(api, dropMislabelled)
                    .of(dataset, terminal)
                    .forEach(row -> numbers.add(Fields.whole(row, "row")));
        }
        if (relabelMislabelled != null) {
            ObjectNode labels = steps.addObject().put("type", "relabel").putObject("new_labels");
            new MislabelledRows(api, relabelMislabelled)
                    .withSuggestions(dataset, terminal)
                    .forEach(row -> labels.put(
                            String.valueOf(Fields.whole(row, "row")),
                            row.path("suggested_label").asString("")));
        }
        if (append != null) {
            steps.addObject().put("type", "append").put("dataset", Lookup.DATASET.id(api, append));
        }
        if (options.get("filter") instanceof ObjectNode conditions) {
            steps.addObject().put("type", "filter").setAll(conditions);
        }
        add(steps, strip, "strip");
        if (options.containsKey("redact_kinds")) {
            steps.addObject().put("type", "redact").set("kinds", options.get("redact_kinds"));
        } else {
            add(steps, redact, "redact");
        }
        if (options.containsKey("merge_labels")) {
            steps.addObject().put("type", "merge_labels").set("map", options.get("merge_labels"));
        }
        if (options.containsKey("drop_labels")) {
            steps.addObject().put("type", "drop_labels").set("labels", options.get("drop_labels"));
        }
        add(steps, dropDuplicates, "drop_duplicates");
        if (dropNearDuplicates) {
            option(steps.addObject().put("type", "drop_near_duplicates"), "similarity", options.get("similarity"));
        }
        if (options.get("resplit") instanceof ObjectNode shares) {
            steps.addObject().put("type", "resplit").setAll(shares);
        }
        if (removeLeakage) {
            ObjectNode leakage = steps.addObject().put("type", "remove_leakage");
            option(leakage, "from", options.get("leakage_from"));
            option(leakage, "similarity", options.get("similarity"));
        }
        if (options.containsKey("sample")) {
            steps.addObject().put("type", "sample").set("rows", options.get("sample"));
        }
        return steps;
    }

    private void refuseUnused(Map<String, JsonNode> options) {
        if (options.containsKey("similarity") && !dropNearDuplicates && !removeLeakage) {
            throw Failure.usage("--similarity needs --drop-near-duplicates or --remove-leakage.");
        }
        if (options.containsKey("leakage_from") && !removeLeakage) {
            throw Failure.usage("--leakage-from needs --remove-leakage.");
        }
    }

    private static void option(ObjectNode step, String name, @Nullable JsonNode value) {
        if (value != null) {
            step.set(name, value);
        }
    }

    /** Returns the options that drop near duplicates again. */
    private static String again(JsonNode step) {
        return " --drop-near-duplicates"
                + (step.hasNonNull("similarity")
                        ? " --similarity " + step.get("similarity").asString()
                        : "");
    }

    private static void add(ArrayNode steps, boolean asked, String type) {
        if (asked) {
            steps.addObject().put("type", type);
        }
    }

    private static void print(JsonNode version, Terminal terminal) {
        Table table = new Table("step", ">removed", ">changed", ">added");
        version.path("changes")
                .forEach(change -> table.row(
                        Fields.text(change.path("step"), "type"),
                        Fields.count(change, "rows_removed"),
                        Fields.count(change, "rows_changed"),
                        Fields.count(change, "rows_added")));
        table.print(terminal);
        version.path("changes")
                .valueStream()
                .filter(change -> change.path("stopped").asBoolean(false))
                .findFirst()
                .ifPresent(change -> terminal.line("So many rows are similar that not all were compared. To drop more: "
                        + Shell.anneal("datasets fix " + Fields.text(version, "id") + again(change.path("step")))));
        terminal.line();
        Upload.print(version, terminal);
        terminal.line(Upload.next(version));
    }
}
