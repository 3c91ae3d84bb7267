package dev.anneal.cli.job;

import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about evaluations and predictions, which have ids and no names. */
@Command(
        name = "evaluations",
        description = "List evaluations, newest first; cancel or delete some; write their predictions to a file.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME}",
            "  ${COMMAND-FULL-NAME} rows eval_01M8QG7ZK4T2 --outcome wrong -o wrong.csv",
            "  ${COMMAND-FULL-NAME} cancel pred_01M8QG7ZK4T2"
        })
public final class Evaluations extends StatusListCommand {
    private static final String IDS = "Ids of evaluations (eval_…) or predictions (pred_…).";

    public Evaluations(Session session) {
        super(session, "/evaluations", "evaluation", "model", "dataset", "split", "status", ">result", "created");
    }

    @Override
    protected void row(Table table, JsonNode evaluation) {
        table.row(
                Fields.text(evaluation, "id"),
                Fields.text(evaluation, "model"),
                Fields.text(evaluation, "dataset"),
                Fields.text(evaluation, "split"),
                JobText.status(evaluation),
                Metrics.first(evaluation.path("metrics")),
                Fields.time(evaluation, "created_at"));
    }

    @Command(description = "Cancel evaluations or predictions that have not ended.")
    int cancel(@Parameters(paramLabel = "ID", arity = "1..*", description = IDS) List<String> ids)
            throws IOException, InterruptedException {
        for (String id : ids) {
            session.api().send(Call.post(path(id) + "/cancel"));
            session.terminal().line("Cancelled " + id + ".");
        }
        return 0;
    }

    @Command(description = "Delete evaluations or predictions that have ended.")
    int delete(@Parameters(paramLabel = "ID", arity = "1..*", description = IDS) List<String> ids)
            throws IOException, InterruptedException {
        for (String id : ids) {
            session.api().send(Call.delete(path(id)));
            session.terminal().line("Deleted " + id + ".");
        }
        return 0;
    }

    @Command(
            description =
                    "Write the rows of an evaluation or a prediction, with what the model predicts, to a CSV file.")
    int rows(
            @Parameters(paramLabel = "ID", description = "Id of an evaluation or a prediction.") String id,
            @Option(
                            names = "--outcome",
                            paramLabel = "OUTCOME",
                            description = "Of an evaluation, only rows, or generated answers, that are right or wrong.")
                    @Nullable
                    String outcome,
            @Option(
                            names = "--label",
                            paramLabel = "LABEL",
                            description = "Of an evaluation, only rows with this label.")
                    @Nullable
                    String label,
            @Mixin OutputFile output)
            throws IOException, InterruptedException {
        boolean isJob = id.startsWith("job_");
        boolean isEvaluation = isJob || id.startsWith("eval_");
        if (!isEvaluation && (outcome != null || label != null)) {
            throw Failure.usage("--outcome and --label are for evaluations: the rows of a prediction have no labels.");
        }
        String query = isEvaluation
                ? "/predictions.csv?"
                        + (outcome == null ? "" : "outcome=" + Call.segment(outcome) + "&")
                        + (label == null ? "" : "label=" + Call.segment(label))
                : "/download?format=csv";
        output.write(
                session,
                session.api(),
                Call.get((isJob ? "/jobs/" + Call.segment(id) : path(id)) + query.replaceAll("[?&]$", "")),
                id,
                "csv",
                "downloading",
                0);
        return 0;
    }

    private static String path(String id) {
        if (id.startsWith("eval_")) {
            return "/evaluations/" + Call.segment(id);
        }
        if (id.startsWith("pred_")) {
            return "/predictions/" + Call.segment(id);
        }
        throw Failure.usage("'" + id + "' is not an id of an evaluation (eval_…) or a prediction (pred_…).");
    }
}
