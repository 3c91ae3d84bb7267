package dev.anneal.cli.job;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.WaitOptions;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.option.ReportingOptions;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.view.Report;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
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

/** The command that compares a model with the labels of a dataset. */
@Command(
        name = "evaluate",
        description = "Compare a model with the labels of a dataset, and show the report.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews-1 reviews.csv",
            "  ${COMMAND-FULL-NAME} reviews-1 other.csv --split all --label-map pos=positive,neg=negative",
            "  ${COMMAND-FULL-NAME} reviews-2 reviews.csv --compare-to eval_01M8QG7ZK4T2"
        })
public final class Evaluate implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = "Id or name of the model.")
    private String model;

    @Parameters(index = "1", paramLabel = "DATASET", description = "Id or name of the dataset.")
    private String dataset;

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            description = "Rows to evaluate: train, validation, test or all (default: test).")
    private @Nullable String split;

    @Option(
            names = "--label-map",
            paramLabel = "LABEL=LABEL",
            split = ",",
            description = "The model's label for each label of the dataset that has another name in the model.")
    private Map<String, String> labelMap = new LinkedHashMap<>();

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description = "fp32, bf16, or auto for what the served model has (default: fp32).")
    private @Nullable String precision;

    @Option(
            names = "--compare-to",
            paramLabel = "ID",
            description = "An evaluation of the same rows, to test whether the difference is more than chance.")
    private @Nullable String compareTo;

    @Option(
            names = "--generated-answers",
            paramLabel = "N",
            description =
                    "Prompts or conversations for which the model generates an answer, the first ones (default: 20).")
    private @Nullable Integer generatedAnswers;

    @Mixin
    private WaitOptions wait;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Evaluate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        Terminal terminal = wait.terminal(session);
        ObjectNode request = Json.MAPPER
                .createObjectNode()
                .put("model", Lookup.MODEL.id(api, model))
                .put("dataset", Lookup.DATASET.id(api, dataset));
        if (split != null) {
            request.put("split", split);
        }
        if (precision != null) {
            request.put("precision", precision);
        }
        if (!labelMap.isEmpty()) {
            labelMap.forEach(request.putObject("label_map")::put);
        }
        if (compareTo != null) {
            request.put("compare_to", compareTo);
        }
        if (generatedAnswers != null) {
            request.put("generated_answers", generatedAnswers);
        }
        ReportingOptions.ALL.read(command).forEach(request::set);
        ComputedRun run = ComputedRun.create(api, "evaluation", request);
        terminal.line("Evaluation " + terminal.bold(run.id()) + "   " + Fields.count(run.created(), "rows") + " rows");
        if (wait.isDetached()) {
            if (wait.isJson()) {
                session.print(run.created());
            }
            return 0;
        }
        run.toEnd(terminal);
        JsonNode report = api.get(run.path() + "/report");
        if (wait.isJson()) {
            session.print(report);
        } else {
            terminal.line();
            new Report(report).print(terminal);
        }
        return 0;
    }
}
