package dev.anneal.cli.dataset;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Multipart;
import dev.anneal.cli.option.UploadOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.TransferProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The command that makes a dataset of a file. */
@Command(
        name = "upload",
        description = "Upload a file of rows, such as CSV or JSONL, as a dataset.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv",
            "  ${COMMAND-FULL-NAME} survey.csv --columns text=answer,label=topic --split validation=0.2,test=0",
            "  ${COMMAND-FULL-NAME} novel.txt --task causal-lm --name novel"
        })
public final class Upload implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file to upload, in UTF-8.")
    private Path file;

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the dataset (default: the file's name).")
    private @Nullable String name;

    @Option(names = "--json", description = "Print only the dataset, as JSON.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Upload(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, String> fields = strings(UploadOptions.ALL.read(command));
        check(file);
        Api api = session.api();
        Terminal terminal = json ? session.terminal().silent() : session.terminal();
        JsonNode dataset = send(api, file, name == null ? nameOf(api, file) : name, fields, terminal);
        if (json) {
            session.print(dataset);
        } else {
            terminal.line("Next: " + Shell.anneal("train " + Shell.word(Fields.text(dataset, "name"))));
        }
        return 0;
    }

    public static String nameOf(Api api, Path file) throws IOException, InterruptedException {
        return Lookup.DATASET.ofFile(api, file.getFileName().toString());
    }

    public static void check(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new Failure("There is no readable file " + Shell.path(file) + ".");
        }
    }

    /** Returns values as the fields of a form have them: objects as JSON, others as they are. */
    public static Map<String, String> strings(Map<String, JsonNode> values) {
        Map<String, String> strings = new LinkedHashMap<>();
        values.forEach((field, value) -> strings.put(field, value.isObject() ? value.toString() : value.asString()));
        return strings;
    }

    /** Uploads a file and says how many rows, labels and splits the dataset has. */
    public static JsonNode send(Api api, Path file, String name, Map<String, String> fields, Terminal terminal)
            throws IOException, InterruptedException {
        Map<String, String> form = new LinkedHashMap<>(fields);
        form.put("name", name);
        JsonNode dataset = api.send(
                Call.upload("/datasets", Multipart.of(file, form)),
                new TransferProgress("uploading", Files.size(file), "the server checks the rows", terminal));
        int labels = dataset.path("labels").size();
        terminal.line("Dataset " + terminal.bold(Fields.text(dataset, "name")) + "   "
                + terminal.dim(Fields.text(dataset, "id")) + "   " + Fields.count(dataset, "row_count") + " rows"
                + (labels == 0 ? "" : ", " + labels + " labels") + ": " + splits(dataset));
        return dataset;
    }

    static String splits(JsonNode dataset) {
        JsonNode splits = dataset.path("splits");
        return Fields.count(splits, "train") + " to train, " + Fields.count(splits, "validation") + " to validate, "
                + Fields.count(splits, "test") + " to test";
    }
}
