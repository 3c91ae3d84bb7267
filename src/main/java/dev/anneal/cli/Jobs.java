package dev.anneal.cli;

import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Units;
import dev.anneal.cli.view.JobText;
import dev.anneal.cli.view.Metrics;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class Jobs implements Callable<Integer> {
    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only queued, running, paused, succeeded, failed or cancelled jobs (default: all).")
    private @Nullable String status;

    @Mixin
    private Listing listing;

    private final Session session;

    Jobs(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return listing.print(
                session,
                "/jobs",
                status == null ? "" : "&status=" + Call.segment(status),
                new Table("job", "name", "status", "base model", ">best", ">test", "created"),
                (table, job) -> table.row(
                        Fields.text(job, "id"),
                        Units.shorten(Fields.text(job, "name"), 30),
                        JobText.status(job),
                        Fields.text(job, "base_model"),
                        JobText.best(job),
                        Metrics.first(job.path("test_metrics")),
                        Fields.time(job, "created_at")));
    }

    @Command(description = "Delete jobs that have ended, with their events and checkpoints. Their models stay.")
    int delete(
            @Parameters(paramLabel = "JOB", arity = "1..*", description = "Ids or names of the jobs.")
                    List<String> jobs)
            throws IOException, InterruptedException {
        return Deletion.of(session, Lookup.JOB, jobs);
    }
}
