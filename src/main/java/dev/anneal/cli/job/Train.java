package dev.anneal.cli.job;

import dev.anneal.cli.command.BaseModels;
import dev.anneal.cli.command.GivenOptions;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.WaitOptions;
import dev.anneal.cli.dataset.Upload;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Problem;
import dev.anneal.cli.option.ReportingOptions;
import dev.anneal.cli.option.TrainingOptions;
import dev.anneal.cli.option.UploadOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.view.JobText;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that takes a file or a dataset to a model: upload, submit, follow, report. */
@Command(
        name = "train",
        description = "Fine-tune a model on a file or a dataset, and follow it to the end.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv --epochs 4",
            "  ${COMMAND-FULL-NAME} survey.csv --columns text=answer,label=topic --test survey-test.csv",
            "  ${COMMAND-FULL-NAME} ds_01M8QG7ZK4T2 --method lora --learning-rate 1e-3 --detach",
            "  ${COMMAND-FULL-NAME} chats.jsonl --model Qwen/Qwen2.5-0.5B-Instruct"
        })
public final class Train implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE|DATASET",
            description = "A file of rows, such as CSV or JSONL, or the id or name of a dataset.")
    private String data;

    @Option(
            names = MODEL,
            paramLabel = "MODEL",
            description = "Base model, or a fine-tuned one to continue from (default: " + BaseModels.BUNDLED_ENCODER
                    + "; for causal-lm the only base model that generates text).")
    private @Nullable String model;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Name of the job and of its model, which no others may have (default: the dataset's name and a number).")
    private @Nullable String name;

    @Option(
            names = "--validation",
            paramLabel = "FILE|DATASET",
            description = "Rows to validate with (default: a tenth of the rows).")
    private @Nullable String validation;

    @Option(
            names = "--test",
            paramLabel = "FILE|DATASET",
            description = "Rows for the final test (default: a tenth of the rows).")
    private @Nullable String test;

    @Option(
            names = "--retain",
            paramLabel = "FILE|DATASET",
            description = "Rows for which the report says what the model forgot, beside general text.")
    private @Nullable String retain;

    @Option(
            names = "--replay",
            paramLabel = "FILE|DATASET",
            description = "Rows to train among the others, so that the model does not forget them.")
    private @Nullable String replay;

    @Option(
            names = "--replay-share",
            paramLabel = "X",
            description = "Share of the trained rows that are those of --replay (0.01 to 0.9, default: 0.1).")
    private @Nullable Double replayShare;

    @Mixin
    private WaitOptions wait;

    @Spec
    private CommandSpec command;

    private static final String MODEL = "--model";
    private static final String REPLAY = "replay";

    private final Session session;

    public Train(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ObjectNode request = request(command);
        if (replayShare != null && replay == null) {
            throw Failure.usage("--replay-share needs --replay, a file or a dataset.");
        }
        if (replayShare != null && !(replayShare >= 0.01 && replayShare <= 0.9)) {
            throw Failure.usage("--replay-share cannot be %s. Give a number from 0.01 to 0.9.".formatted(replayShare));
        }
        Map<String, String> upload = Upload.strings(UploadOptions.ALL.read(command));
        if (!FileOrDataset.isFile(data)) {
            refuseUploadOptions(upload.keySet());
        }
        Terminal terminal = wait.terminal(session);
        Api api = session.api();
        // What can be refused is refused before anything is uploaded.
        FileOrDataset source = FileOrDataset.find(api, data);
        if (name != null) {
            Lookup.JOB.requireFree(api, name);
            Lookup.MODEL.requireFree(api, name);
        }
        Map<String, FileOrDataset> extras = new LinkedHashMap<>();
        for (Map.Entry<String, String> extra : extras().entrySet()) {
            extras.put(extra.getKey(), FileOrDataset.find(api, extra.getValue()));
        }
        Optional<String> early = model == null && !upload.containsKey("task")
                ? Optional.empty()
                : Optional.of(BaseModels.choose(api, Optional.ofNullable(model), upload.getOrDefault("task", "")));

        JsonNode dataset = source.dataset(api, shares(upload), terminal);
        String task = upload.getOrDefault("task", Fields.text(dataset, "task"));
        request.put("task", task).put("dataset", Fields.text(dataset, "id"));
        request.put("base_model", early.isPresent() ? early.get() : baseModel(api, request));
        if (name != null) {
            request.put("name", name);
        }
        JsonNode job;
        try {
            addExtras(api, request, extras, upload, terminal);
            job = submit(api, request, terminal);
        } catch (Failure refused) {
            throw source.file().isEmpty()
                    ? refused
                    : refused.saying(refused.getMessage() + "\nThe dataset is there: "
                            + again(request, refused instanceof Problem problem ? problem.options() : Set.of()));
        }
        return follow(api, job, terminal);
    }

    private void addExtras(
            Api api,
            ObjectNode request,
            Map<String, FileOrDataset> extras,
            Map<String, String> upload,
            Terminal terminal)
            throws IOException, InterruptedException {
        for (Map.Entry<String, FileOrDataset> extra : extras.entrySet()) {
            Map<String, String> fields = new LinkedHashMap<>(upload);
            fields.put("task", Fields.text(request, "task"));
            fields.put("split", held(0, 0));
            JsonNode rows = extra.getValue().dataset(api, fields, terminal);
            if (extra.getKey().equals(REPLAY)) {
                request.set(REPLAY, replay(Fields.text(rows, "id")));
            } else {
                request.put(extra.getKey() + "_dataset", Fields.text(rows, "id"));
            }
        }
    }

    private String baseModel(Api api, ObjectNode request) throws IOException, InterruptedException {
        try {
            return BaseModels.choose(api, Optional.empty(), Fields.text(request, "task"));
        } catch (Failure none) {
            throw Failure.usage(none.getMessage() + "\nThe dataset is there: " + again(request, Set.of(MODEL)));
        }
    }

    /** Returns the command for the datasets that are there, without options of uploads and those that were refused. */
    private String again(ObjectNode request, Set<String> refused) {
        Set<String> left = new HashSet<>(UploadOptions.ALL.byField().values());
        left.remove("--task"); // also applies to datasets
        left.addAll(refused);
        if (refused.contains("--" + REPLAY)) {
            left.add("--replay-share");
        }
        GivenOptions options = GivenOptions.of(command).without(left);
        for (String extra : extras().keySet()) {
            JsonNode dataset =
                    extra.equals(REPLAY) ? request.path(REPLAY).path("dataset") : request.path(extra + "_dataset");
            if (dataset.isString() && !refused.contains("--" + extra)) {
                options = options.with("--" + extra, dataset.asString());
            }
        }
        if (refused.contains(MODEL)) {
            options = options.with(MODEL, "MODEL");
        }
        return Shell.anneal("train " + Fields.text(request, "dataset") + options);
    }

    private int follow(Api api, JsonNode job, Terminal terminal) throws IOException, InterruptedException {
        String id = Fields.text(job, "id");
        int exitCode = 0;
        if (wait.isDetached()) {
            terminal.line("Follow it: " + Shell.anneal("follow " + Shell.word(Fields.text(job, "name"))));
        } else {
            exitCode = Follow.toEnd(api, id, terminal);
        }
        if (wait.isJson()) {
            session.print(wait.isDetached() ? job : api.get(Lookup.JOB.path(id)));
        }
        return exitCode;
    }

    public static JsonNode submit(Api api, ObjectNode request, Terminal terminal)
            throws IOException, InterruptedException {
        JsonNode job = api.send(Call.post("/jobs", request));
        terminal.line("Job " + terminal.bold(Fields.text(job, "name")) + "   " + terminal.dim(Fields.text(job, "id"))
                + "   " + Fields.text(job, "base_model") + ", " + Fields.text(job, "task") + JobText.method(job));
        terminal.line(terminal.dim(JobText.settings(job.path("hyperparameters"))));
        terminal.line();
        return job;
    }

    /** Returns what the options of a command say about the training, checked. */
    static ObjectNode request(CommandSpec command) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        Map<String, JsonNode> hyperparameters = TrainingOptions.HYPERPARAMETERS.read(command);
        if (hyperparameters.containsKey("warmup_ratio") && hyperparameters.containsKey("warmup_steps")) {
            throw Failure.usage("Give either --warmup-ratio or --warmup-steps, not both.");
        }
        if (!hyperparameters.isEmpty()) {
            hyperparameters.forEach(request.putObject("hyperparameters")::set);
        }
        TrainingOptions.JOB.read(command).forEach(request::set);
        ReportingOptions.ALL.read(command).forEach(request::set);
        return request;
    }

    private ObjectNode replay(String dataset) {
        ObjectNode object = Json.MAPPER.createObjectNode().put("dataset", dataset);
        return replayShare == null ? object : object.put("share", replayShare);
    }

    private Map<String, String> extras() {
        Map<String, String> extras = new LinkedHashMap<>();
        if (validation != null) {
            extras.put("validation", validation);
        }
        if (test != null) {
            extras.put("test", test);
        }
        if (retain != null) {
            extras.put("retain", retain);
        }
        if (replay != null) {
            extras.put(REPLAY, replay);
        }
        return extras;
    }

    /** Holds no rows out of the file if they come from another file. */
    private Map<String, String> shares(Map<String, String> upload) {
        if (upload.containsKey("split") || validation == null && test == null) {
            return upload;
        }
        Map<String, String> fields = new LinkedHashMap<>(upload);
        fields.put("split", held(validation == null ? 0.1 : 0, test == null ? 0.1 : 0));
        return fields;
    }

    private static String held(double validation, double test) {
        return Json.MAPPER
                .createObjectNode()
                .put("validation", validation)
                .put("test", test)
                .toString();
    }

    private void refuseUploadOptions(Set<String> given) {
        for (String field : given) {
            if (!field.equals("task")) {
                String option = field.equals("header") ? "no-header" : field.replace('_', '-');
                throw Failure.usage("There is no file " + data + ", and --" + option
                        + " applies to files only: a dataset keeps its columns and splits.");
            }
        }
    }
}
