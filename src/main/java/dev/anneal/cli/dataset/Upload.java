package dev.anneal.cli.dataset;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Multipart;
import dev.anneal.cli.http.Multipart.FilePart;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The command that makes a dataset of one or several files. */
@Command(
        name = "upload",
        description = "Upload files of rows, such as CSV or JSONL, as a dataset.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv",
            "  ${COMMAND-FULL-NAME} survey.csv --columns text=answer,label=topic --split validation=0.2,test=0",
            "  ${COMMAND-FULL-NAME} hf:stanfordnlp/imdb --name imdb",
            "  ${COMMAND-FULL-NAME} novel.txt --task causal-lm --name novel",
            "  ${COMMAND-FULL-NAME} --train train.conll --validation dev.conll --test test.conll --name entities",
            "  ${COMMAND-FULL-NAME} good.txt bad.txt --file-labels good.txt=positive,bad.txt=negative --name reviews"
        })
public final class Upload implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = {
                "The files to upload. They may be compressed with gzip or zstd.",
                "Or a source from which the server fetches them: an https URL, or hf:org/name for a dataset at the hub."
            })
    private List<String> files = List.of();

    @Mixin
    private SplitFiles ofSplits = new SplitFiles();

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "For hf:org/name, a branch, a tag or a commit (default: main).")
    private @Nullable String revision;

    @Option(
            names = "--config",
            paramLabel = "CONFIG",
            description =
                    "For hf:org/name, the configuration. Needed if there are several. Same as hf:org/name/CONFIG.")
    private @Nullable String config;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the dataset, which no other may have (default: the first file's name).")
    private @Nullable String name;

    @Option(
            names = "--resumable",
            description =
                    "Send the file in parts, so that the same command resumes after an interruption. A single file of"
                            + " 64 MB or more is always sent so.")
    private boolean resumable;

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
        Terminal terminal = json ? session.terminal().silent() : session.terminal();
        JsonNode dataset = files.stream().anyMatch(Upload::isSource) ? fetch(terminal) : upload(terminal);
        if (json) {
            session.print(dataset);
        } else {
            terminal.line(next(dataset));
        }
        return 0;
    }

    /** Returns the line that says what can be done next. A file of the same name would be uploaded again, without its options. */
    static String next(JsonNode dataset) {
        String name = Fields.text(dataset, "name");
        String known = Files.exists(Path.of(name)) ? Fields.text(dataset, "id") : name;
        if (Fields.whole(dataset.path("splits"), "train") == 0) {
            return "It has no training rows, so it is only for evaluation: "
                    + Shell.anneal("train DATASET --test " + Shell.word(known));
        }
        return "Next: " + Shell.anneal("train " + Shell.word(known));
    }

    private static boolean isSource(String file) {
        return file.matches("(?i)https?://.*|hf:.*");
    }

    /** Has the server fetch the files of a source. */
    private JsonNode fetch(Terminal terminal) throws IOException, InterruptedException {
        if (parts().size() > 1) {
            throw Failure.usage("A source is the only file of a dataset. Leave out the other files.");
        }
        Api api = session.api();
        Map<String, String> form = strings(UploadOptions.ALL.read(command));
        form.put("source", files.get(0));
        if (name != null) {
            form.put("name", name);
        }
        if (revision != null) {
            form.put("revision", revision);
        }
        if (config != null) {
            form.put("config", config);
        }
        terminal.live("the server fetches the files");
        JsonNode received = api.send(Call.upload("/datasets", Multipart.of(List.of(), form)));
        JsonNode dataset = ValidationProgress.await(api, received, terminal);
        print(dataset, terminal);
        return dataset;
    }

    private JsonNode upload(Terminal terminal) throws IOException, InterruptedException {
        if (revision != null || config != null) {
            throw Failure.usage("--revision and --config are for a source such as hf:org/name.");
        }
        Map<String, String> fields = strings(UploadOptions.ALL.read(command));
        List<FilePart> parts = parts();
        if (parts.isEmpty()) {
            throw Failure.usage("Name a file to upload.");
        }
        parts.forEach(part -> check(part.path()));
        return send(session.api(), new Wanted(parts, name, fields, resumable), terminal);
    }

    private List<FilePart> parts() {
        return ofSplits.after(files);
    }

    public static void check(Path file) {
        if (Files.isDirectory(file)) {
            Path folder = file.toAbsolutePath().normalize().getFileName();
            String name = Shell.word(folder == null ? "files" : folder.toString());
            throw new Failure(Shell.path(file)
                    + " is a folder. Upload a file, or a zip with a folder of texts for each label: zip -r " + name
                    + ".zip " + name);
        }
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

    /** Uploads a file and says how many rows, labels and splits the dataset has. The server names the dataset after the file. */
    public static JsonNode send(Api api, Path file, Map<String, String> fields, Terminal terminal)
            throws IOException, InterruptedException {
        return send(api, new Wanted(List.of(new FilePart("file", file)), null, fields, false), terminal);
    }

    /**
     * A dataset that is to be made.
     *
     * @param name null if the server chooses one
     * @param resumable whether a small file is sent in parts, too
     */
    private record Wanted(List<FilePart> files, @Nullable String name, Map<String, String> fields, boolean resumable) {
        /** Several files are sent in one request. */
        boolean isInParts() throws IOException {
            return files.size() == 1
                    && files.get(0).field().equals("file")
                    && (resumable || size(files) >= ResumableUpload.FROM_BYTES);
        }
    }

    /** Returns the size of all files together. */
    static long size(List<FilePart> files) throws IOException {
        long size = 0;
        for (FilePart file : files) {
            size += Files.size(file.path());
        }
        return size;
    }

    private static JsonNode send(Api api, Wanted wanted, Terminal terminal) throws IOException, InterruptedException {
        Map<String, String> form = new LinkedHashMap<>(wanted.fields());
        if (wanted.name() != null) {
            form.put("name", wanted.name());
        }
        Path first = wanted.files().get(0).path();
        JsonNode received;
        if (wanted.isInParts()) {
            ResumableUpload upload = new ResumableUpload(api, first, terminal);
            String id = upload.send();
            form.put("upload", id);
            terminal.live("the server checks the rows");
            received = upload.makeDataset(id, form);
        } else {
            received = api.send(
                    Call.upload("/datasets", Multipart.of(wanted.files(), form)),
                    new TransferProgress("uploading", size(wanted.files()), "the server checks the rows", terminal));
        }
        JsonNode dataset = ValidationProgress.await(api, received, terminal);
        if (wanted.isInParts()) {
            ResumableUpload.verify(first, dataset);
        }
        print(dataset, terminal);
        return dataset;
    }

    /** Says how many rows, labels, splits and warnings a dataset has. */
    static void print(JsonNode dataset, Terminal terminal) {
        terminal.line("Dataset " + terminal.bold(Fields.text(dataset, "name")) + "   "
                + terminal.dim(Fields.text(dataset, "id")) + "   " + rows(dataset));
        if (dataset.hasNonNull("same_as")) {
            terminal.line("The dataset " + Fields.text(dataset, "same_as") + " was made of the same file.");
        }
        if (Fields.whole(dataset, "skipped_count") > 0) {
            terminal.line("Skipped " + Fields.count(dataset, "skipped_count") + " bad rows.");
        }
        if (Fields.whole(dataset, "warning_count") > 0) {
            terminal.line("Warnings: " + warnings(dataset) + ". List them: "
                    + Shell.anneal("datasets problems " + Fields.text(dataset, "id")));
        }
    }

    /** Returns how many rows, labels and splits a dataset has. */
    static String rows(JsonNode dataset) {
        int labels = dataset.path("labels").size();
        return Fields.count(dataset, "row_count") + " rows" + (labels == 0 ? "" : ", " + labels + " labels") + ": "
                + splits(dataset);
    }

    /** Returns how many warnings of each code a dataset has. */
    static String warnings(JsonNode dataset) {
        return dataset.path("problem_codes")
                .valueStream()
                .filter(code -> Fields.text(code, "severity").equals("warning"))
                .map(code -> Fields.count(code, "count") + " " + Fields.text(code, "code"))
                .collect(Collectors.joining(", "));
    }

    static String splits(JsonNode dataset) {
        JsonNode splits = dataset.path("splits");
        return Fields.count(splits, "train") + " to train, " + Fields.count(splits, "validation") + " to validate, "
                + Fields.count(splits, "test") + " to test";
    }
}
