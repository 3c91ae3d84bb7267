package dev.anneal.cli.dataset;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Multipart;
import dev.anneal.cli.http.Multipart.FilePart;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.option.UploadOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.TransferProgress;
import dev.anneal.cli.terminal.Units;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The command that checks a file and keeps nothing. Its exit code is 1 if an upload would be rejected. */
@Command(
        name = "check",
        description = "Check files as an upload would, and print the problems. Nothing is kept.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} reviews.csv",
            "  ${COMMAND-FULL-NAME} survey.csv --columns text=answer,label=topic --limit 100",
            "  ${COMMAND-FULL-NAME} --train train.conll --validation dev.conll --test test.conll"
        })
public final class Check implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "0..*", description = "The files to check, of one dataset.")
    private List<String> files = List.of();

    @Mixin
    private SplitFiles ofSplits = new SplitFiles();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Most problems to show (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Check(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var fields = Upload.strings(UploadOptions.ALL.read(command));
        List<FilePart> parts = ofSplits.after(files);
        if (parts.isEmpty()) {
            throw Failure.usage("Name a file to check.");
        }
        parts.forEach(part -> Upload.check(part.path()));
        Terminal terminal = json.isGiven() ? session.terminal().silent() : session.terminal();
        JsonNode report = session.api()
                .send(
                        Call.upload("/datasets/check", Multipart.of(parts, fields)),
                        new TransferProgress("uploading", Upload.size(parts), "the server checks the rows", terminal));
        if (json.isGiven()) {
            session.print(report);
        } else {
            print(report, parts.size() == 1 ? "this file" : "these files", terminal);
        }
        return Fields.text(report, "status").equals("rejected") ? 1 : 0;
    }

    private void print(JsonNode report, String what, Terminal terminal) {
        boolean rejected = Fields.text(report, "status").equals("rejected");
        terminal.line(
                rejected
                        ? "An upload of %s would be rejected.".formatted(what)
                        : "An upload of %s would be accepted: ".formatted(what) + Upload.rows(report) + ".");
        List<JsonNode> problems = report.path("problems").valueStream().toList();
        if (problems.isEmpty()) {
            terminal.line("No problems.");
            return;
        }
        terminal.line();
        counts(report, terminal);
        terminal.line();
        Table table = new Table(">line", "column", "severity", "problem");
        problems.stream().limit(limit).forEach(problem -> row(table, problem));
        table.print(terminal);
        if (problems.size() > limit) {
            terminal.line(terminal.dim(
                    "There are " + Units.count(problems.size() - limit) + " more. Raise --limit to see them."));
        }
    }

    private static void counts(JsonNode report, Terminal terminal) {
        Table table = new Table("problem", "severity", ">count");
        report.path("problem_codes")
                .forEach(code -> table.row(
                        Fields.text(code, "code"), Fields.text(code, "severity"), Fields.count(code, "count")));
        table.print(terminal);
    }

    /** Adds a problem to a table of lines, columns, severities and messages. */
    static void row(Table table, JsonNode problem) {
        String line = Fields.count(problem, "line");
        table.row(
                problem.hasNonNull("file") ? Fields.text(problem, "file") + ":" + line : line,
                Fields.text(problem, "column"),
                Fields.text(problem, "severity"),
                Wording.message(Fields.text(problem, "message")));
    }
}
