package dev.anneal.cli.job;

import dev.anneal.cli.command.Deletion;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The commands about jobs: list them, delete some. */
@Command(
        name = "jobs",
        description = "List jobs, newest first; delete some.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME}",
            "  ${COMMAND-FULL-NAME} --status running",
            "  ${COMMAND-FULL-NAME} delete reviews-1 reviews-2"
        })
public final class Jobs extends StatusListCommand {
    public Jobs(Session session) {
        super(session, "/jobs", "job", "name", "status", "base model", ">best", ">test", "created");
    }

    @Override
    protected void row(Table table, JsonNode job) {
        table.row(
                Fields.text(job, "id"),
                Units.shorten(Fields.text(job, "name"), 30),
                JobText.status(job),
                Fields.text(job, "base_model"),
                JobText.best(job),
                Metrics.first(job.path("test_metrics")),
                Fields.time(job, "created_at"));
    }

    @Command(description = "Delete jobs that have ended, with their events and checkpoints. Their models stay.")
    int delete(
            @Parameters(paramLabel = "JOB", arity = "1..*", description = "Ids or names of the jobs.")
                    List<String> jobs)
            throws IOException, InterruptedException {
        return Deletion.of(session, Lookup.JOB, jobs);
    }
}
