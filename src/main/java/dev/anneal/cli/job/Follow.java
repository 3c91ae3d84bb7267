package dev.anneal.cli.job;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.EventStream;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.view.JobProgress;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import dev.anneal.cli.view.Report;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The command that watches a job until it ends. */
@Command(
        name = "follow",
        description = "Watch a job until it ends, from its first event on.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} reviews-1", "  ${COMMAND-FULL-NAME} job_01M8QG7ZK4T2 --json"})
public final class Follow implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    @Option(names = "--json", description = "Print each event as a line of JSON.")
    private boolean json;

    private final Session session;

    public Follow(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        String id = Lookup.JOB.id(api, job);
        if (!json) {
            return toEnd(api, id, session.terminal());
        }
        try (Interrupts interrupts = onInterrupt(id, session.terminal())) {
            EventStream.ofJob(api, id, session.terminal()::error).read(event -> session.print(event.json()));
        }
        return succeeded(api.get(Lookup.JOB.path(id))) ? 0 : 1;
    }

    /** Follows a job to its end; Ctrl-C ends the following, not the job. Returns 0 if the job succeeded. */
    static int toEnd(Api api, String id, Terminal terminal) throws IOException, InterruptedException {
        try (Interrupts interrupts = onInterrupt(id, terminal)) {
            int exitCode = watch(api, id, terminal);
            if (exitCode == 0) {
                terminal.line();
                terminal.line("Next: " + next(api, api.get(Lookup.JOB.path(id))));
            }
            return exitCode;
        }
    }

    private static String next(Api api, JsonNode job) throws IOException, InterruptedException {
        String model = shortest(api, Fields.text(job, "name"), Fields.text(job, "model"));
        return switch (Fields.text(job, "task")) {
            case "causal-lm" -> Shell.anneal("generate " + model + " 'Once upon a time'");
            case "masked-lm" -> Shell.anneal("train DATASET --model " + model);
            default -> Shell.anneal("predict " + model + " 'Your text'");
        };
    }

    /** Returns the model's name for a shell, or its id if other models have that name. */
    private static String shortest(Api api, String name, String id) throws IOException, InterruptedException {
        try {
            return Lookup.MODEL.id(api, name).equals(id) ? Shell.word(name) : id;
        } catch (Failure notFoundOrAmbiguous) {
            return id;
        }
    }

    /** Shows a job to its end, and its report or its error. Returns 0 if it succeeded. */
    public static int watch(Api api, String id, Terminal terminal) throws IOException, InterruptedException {
        EventStream.ofJob(api, id, terminal::status).read(new JobProgress(terminal));
        String path = Lookup.JOB.path(id);
        JsonNode job = api.get(path);
        terminal.line();
        if (!succeeded(job)) {
            terminal.line("The job " + (Fields.text(job, "status").equals("failed") ? "failed" : "was cancelled")
                    + (job.hasNonNull("error") ? ". " + JobText.error(job) : "."));
            return 1;
        }
        new Report(api.get(path + "/report")).print(terminal);
        terminal.line();
        terminal.line("Model " + terminal.bold(Fields.text(job, "name")) + "   "
                + terminal.dim(Fields.text(job, "model") + best(job)));
        return 0;
    }

    private static String best(JsonNode job) {
        JsonNode best = job.path("best");
        return best.hasNonNull("metric")
                ? "   from " + place(job, best) + ", the best by validation "
                        + Metrics.name(Fields.text(best, "metric"))
                : "";
    }

    private static String place(JsonNode job, JsonNode best) {
        boolean isWithin = job.path("metrics")
                .valueStream()
                .anyMatch(metrics -> metrics.path("within_epoch").asBoolean(false)
                        && metrics.path("step").equals(best.path("step")));
        String epoch = "epoch " + Fields.text(best, "epoch");
        return isWithin ? "step " + Fields.text(best, "step") + " in " + epoch : epoch;
    }

    private static Interrupts onInterrupt(String id, Terminal terminal) {
        return Interrupts.call(() -> {
            terminal.close();
            terminal.error("The job is still running. Follow it: " + Shell.anneal("follow " + id) + "   Cancel it: "
                    + Shell.anneal("cancel " + id));
        });
    }

    private static boolean succeeded(JsonNode job) {
        return Fields.text(job, "status").equals("succeeded");
    }
}
