package dev.anneal.cli.job;

import dev.anneal.cli.command.BaseModels;
import dev.anneal.cli.command.DatasetParameter;
import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.text.Durations;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that tells what a job would take, without queueing it. */
@Command(
        name = "estimate",
        description = "Show the steps, memory and time that a job would take, without queueing it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv --epochs 4",
            "  ${COMMAND-FULL-NAME} ds_01M8QG7ZK4T2 --method head --subset fraction=0.1"
        })
public final class Estimate implements Callable<Integer> {
    @Mixin
    private DatasetParameter dataset;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Base model, or a fine-tuned one to continue from (default: as with train).")
    private @Nullable String model;

    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Estimate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ObjectNode request = Train.request(command);
        Api api = session.api();
        JsonNode rows = api.get(dataset.path(api));
        request.put("dataset", Fields.text(rows, "id"));
        request.put("base_model", BaseModels.choose(api, Optional.ofNullable(model), Fields.text(rows, "task")));
        JsonNode estimate = api.send(Call.post("/jobs/estimate", request));
        if (json.isGiven()) {
            session.print(estimate);
        } else {
            print(estimate, session.terminal());
        }
        return 0;
    }

    private static void print(JsonNode estimate, Terminal terminal) {
        JobText.fact(terminal, "task", Fields.text(estimate, "task") + JobText.method(estimate));
        JobText.fact(
                terminal,
                "rows",
                Fields.count(estimate, "train_rows") + " to train, " + Fields.count(estimate, "train_examples")
                        + " examples per epoch; "
                        + Fields.count(estimate, "validation_rows") + " in each validation, "
                        + Fields.count(estimate, "test_rows") + " to test");
        JobText.fact(
                terminal,
                "steps",
                Fields.count(estimate, "steps") + " in " + Fields.text(estimate, "epochs")
                        + (Fields.whole(estimate, "epochs") == 1 ? " epoch" : " epochs"));
        JobText.fact(
                terminal,
                "weights",
                Fields.count(estimate, "parameters") + ", of which " + Fields.count(estimate, "trained_parameters")
                        + " are trained");
        long memory = Fields.whole(estimate, "memory_bytes");
        long without = Fields.whole(estimate, "memory_bytes_without_checkpointing");
        JobText.fact(
                terminal,
                "memory",
                Units.bytes(memory)
                        + (memory == without
                                ? ""
                                : ", or " + Units.bytes(without) + " without gradient checkpointing"));
        JobText.fact(
                terminal,
                "time",
                estimate.hasNonNull("seconds")
                        ? "about " + Durations.seconds(Fields.number(estimate, "seconds"))
                        : "unknown until a similar job has succeeded in one attempt, without folds or a data curve");
        JsonNode truncation = estimate.path("truncation");
        if (Fields.number(truncation, "row_share_beyond") > 0) {
            JobText.fact(
                    terminal,
                    "truncated",
                    Fields.percent(truncation, "row_share_beyond") + " of the rows are longer than --max-length, and "
                            + Fields.percent(truncation, "token_share_beyond") + " of the tokens are left out");
        }
        JobText.fact(terminal, "with", JobText.settings(estimate.path("hyperparameters")));
    }
}
