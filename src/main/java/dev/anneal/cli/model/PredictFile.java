package dev.anneal.cli.model;

import dev.anneal.cli.command.GivenOptions;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.dataset.Upload;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Problem;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.job.ComputedRun;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.node.ObjectNode;

/**
 * Predicts for all rows of a file or a dataset, and writes a file. A file becomes a dataset for as long as that takes.
 *
 * @param command the command with its options
 * @param column the column of the texts, null if the server finds it
 */
record PredictFile(
        Session session,
        CommandSpec command,
        OutputFile output,
        @Nullable String column) {
    /** The only option of an upload that predict has, under another name. */
    private static final Map<String, String> OPTIONS =
            Map.of("columns", "--text-column", "columns.text", "--text-column");

    int predict(Api api, String model, String data) throws IOException, InterruptedException {
        Terminal terminal = session.terminal();
        String format = output.ending().equals("jsonl") ? "jsonl" : "csv";
        boolean isFile = !data.startsWith("ds_") && Files.exists(Path.of(data));
        if (isFile) {
            Upload.check(Path.of(data));
        } else if (column != null) {
            throw Failure.usage("--text-column applies to files only: a dataset keeps its columns.");
        }
        String name = isFile ? stem(Path.of(data)) : data;
        output.check(name + "-predictions", format);
        String dataset = isFile ? upload(api, model, Path.of(data), terminal) : Lookup.DATASET.id(api, data);
        try {
            ObjectNode request =
                    Json.MAPPER.createObjectNode().put("model", model).put("dataset", dataset);
            ComputedRun run = ComputedRun.create(api, "prediction", request);
            run.toEnd(terminal);
            output.write(
                    session,
                    api,
                    Call.get(run.path() + "/download?format=" + format),
                    name + "-predictions",
                    format,
                    "downloading",
                    0);
            if (isFile) {
                api.send(Call.delete(run.path())); // the file has all of it
            }
        } finally {
            if (isFile) {
                delete(api, dataset, terminal);
            }
        }
        return 0;
    }

    private String upload(Api api, String model, Path file, Terminal terminal)
            throws IOException, InterruptedException {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("task", "masked-lm"); // rows of texts without labels
        fields.put(
                "split",
                Json.MAPPER
                        .createObjectNode()
                        .put("validation", 0)
                        .put("test", 0)
                        .toString());
        if (column != null) {
            fields.put(
                    "columns",
                    Json.MAPPER.createObjectNode().put("text", column).toString());
        }
        try {
            return Fields.text(Upload.send(api.withOptions(OPTIONS), file, fields, terminal), "id");
        } catch (Problem refused) {
            if (!refused.rejectedDataset().isEmpty()) {
                delete(api, refused.rejectedDataset(), terminal);
            }
            throw refused.saying(withOtherCommand(refused.withoutList(), model, file));
        }
    }

    /** Adds the commands with which the options of an upload can be used that a message names and this command lacks. */
    private String withOtherCommand(String message, String model, Path file) {
        String others = Wording.options(message).stream()
                .filter(option -> !command.optionsMap().containsKey(option))
                .collect(Collectors.joining(", "));
        if (others.isEmpty()) {
            return message;
        }
        String columns = column == null ? "" : " --columns " + Shell.word("text=" + column);
        return message + "\npredict does not have " + others
                + ". To use that, upload the file as a dataset: "
                + Shell.anneal("upload " + Shell.path(file) + " --task masked-lm" + columns)
                + "\nThen predict for the dataset: "
                + Shell.anneal("predict " + Shell.word(model) + " DATASET"
                        + GivenOptions.of(command).without(List.of("--text-column")));
    }

    /** Deletes the dataset that was made for the file, unless the prediction still runs. */
    private static void delete(Api api, String dataset, Terminal terminal) throws IOException, InterruptedException {
        try {
            api.send(Call.delete(Lookup.DATASET.path(dataset)));
        } catch (Failure stillUsed) {
            terminal.error("The dataset " + dataset + " of the file stays: " + stillUsed.getMessage());
        }
    }

    private static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }
}
