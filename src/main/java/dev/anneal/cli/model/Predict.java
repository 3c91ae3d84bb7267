package dev.anneal.cli.model;

import dev.anneal.cli.command.GivenOptions;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.view.Predictions;
import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that calls a model with texts, given as arguments or line by line on stdin, or predicts for a whole file. */
@Command(
        name = "predict",
        description = "Call a model with texts, or predict for all rows of a file.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews-1 'Warm, funny and beautifully acted.'",
            "  ${COMMAND-FULL-NAME} reviews-1 - --json < texts.txt",
            "  ${COMMAND-FULL-NAME} reviews-1 new-reviews.csv -o predicted.csv"
        })
public final class Predict implements Callable<Integer> {
    private static final int BATCH = 200;

    @Parameters(index = "0", paramLabel = "MODEL", description = "Id or name of the model.")
    private String model;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "TEXT",
            description =
                    "The texts; - reads one per line from stdin. A blank line is an error. With --output, a file of"
                            + " rows, such as CSV or JSONL, or the id or name of a dataset.")
    private List<String> texts;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Predict for all rows of a file or a dataset, and write this file: CSV, or JSONL if its name ends so.")
    private @Nullable Path output;

    @Option(names = "--force", description = "With --output, overwrite the file if it exists.")
    private boolean force;

    @Option(
            names = "--text-column",
            paramLabel = "COLUMN",
            description = "With --output, the column of the texts (default: found by its name).")
    private @Nullable String column;

    @Option(names = "--top-k", paramLabel = "N", description = "Show the N best labels of each text (default: 1).")
    private @Nullable Integer topK;

    @Option(
            names = "--long-texts",
            paramLabel = "WAY",
            description = "How texts are treated that are longer than the model takes: truncate or windows"
                    + " (default: as in training).")
    private @Nullable String longTexts;

    @Option(names = "--json", description = "Print the server's JSON, one line for each " + BATCH + " texts.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Predict(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (output == null) {
            if (column != null || force) {
                throw Failure.usage(
                        (column != null ? "--text-column" : "--force") + " needs --output, the file to write.");
            }
            texts.forEach(this::refuseFile);
        }
        Api api = session.api();
        String id = Lookup.MODEL.id(api, model);
        if (output != null) {
            return predictFile(api, id, output);
        }
        if (!texts.equals(List.of("-"))) {
            predict(api, id, texts);
            return 0;
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(session.in(), StandardCharsets.UTF_8));
        List<String> batch = new ArrayList<>();
        long number = 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
            if (line.isBlank()) {
                predict(api, id, batch);
                throw new Failure(
                        "Line " + number + " is blank. Each line must have a text. The lines before it are answered.");
            }
            batch.add(line);
            if (batch.size() == BATCH) {
                predict(api, id, batch);
                batch.clear();
            }
        }
        if (number == 1) {
            throw new Failure(Session.NO_INPUT);
        }
        predict(api, id, batch);
        return 0;
    }

    /** Refuses a text that is the name of a file, whose rows are probably meant. */
    private void refuseFile(String text) {
        if (!text.equals("-") && Shell.isFile(text)) {
            throw Failure.usage(
                    text + " is a file. To predict for its rows, add -o out.csv. To predict for this text: echo "
                            + Shell.word(text) + " | "
                            + Shell.anneal("predict " + Shell.word(model) + " -" + GivenOptions.of(command)));
        }
    }

    private int predictFile(Api api, String id, Path file) throws IOException, InterruptedException {
        if (texts.size() > 1 || texts.equals(List.of("-"))) {
            throw Failure.usage("With --output, name one file or one dataset.");
        }
        if (topK != null || longTexts != null || json) {
            throw Failure.usage(
                    "--top-k, --long-texts and --json are for texts. Leave them out, or leave out --output.");
        }
        return new PredictFile(session, command, new OutputFile(file, force), column).predict(api, id, texts.get(0));
    }

    private void predict(Api api, String id, List<String> batch) throws IOException, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        JsonNode answer = api.send(call(id, batch, topK, longTexts));
        if (json) {
            session.print(answer);
        } else {
            Predictions.print(answer.path("predictions"), batch, topK != null, session.terminal());
        }
    }

    public static Call call(String model, List<String> texts, @Nullable Integer topK, @Nullable String longTexts) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        texts.forEach(request.putArray("inputs")::add);
        if (topK != null) {
            request.put("top_k", topK);
        }
        if (longTexts != null) {
            request.put("long_texts", longTexts);
        }
        return Call.post("/models/" + Call.segment(model) + "/predict", request);
    }
}
