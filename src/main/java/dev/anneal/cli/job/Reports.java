package dev.anneal.cli.job;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.OutputFile;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.view.Report;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that shows the report of a job or an evaluation, or writes it as a page. */
@Command(
        name = "report",
        description =
                "Show how good a job's model is: metrics, labels, worst mistakes. Or write all of it to a page with charts.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews-1",
            "  ${COMMAND-FULL-NAME} reviews-1 --html -o report.html",
            "  ${COMMAND-FULL-NAME} eval_01M8QG7ZK4T2 --html"
        })
public final class Reports implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "Id or name of the job, or id of an evaluation (eval_…).")
    private String job;

    @Mixin
    private JsonOption json;

    @Option(names = "--html", description = "Write one HTML page that a browser opens, with charts and tables.")
    private boolean html;

    @Mixin
    private OutputFile output;

    private final Session session;

    public Reports(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (html && json.isGiven()) {
            throw Failure.usage("Give either --html or --json.");
        }
        if (output.isGiven() && !html) {
            throw Failure.usage("--output is the file of --html. Give --html, too.");
        }
        Api api = session.api();
        String path = job.startsWith("eval_") ? "/evaluations/" + Call.segment(job) : Lookup.JOB.path(api, job);
        if (html) {
            output.write(session, api, Call.get(path + "/report.html"), job + "-report", "html", "downloading", 0);
            return 0;
        }
        return json.show(session, api.get(path + "/report"), found -> new Report(found).print(session.terminal()));
    }
}
