package dev.anneal.cli;

import dev.anneal.cli.command.Session;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command that prints a script with which a shell completes commands and options. */
@Command(
        name = "completion",
        description = "Print a completion script for bash or zsh.",
        footerHeading = "%nExamples:%n",
        footer = {"  source <(${ROOT-COMMAND-NAME} completion)", "  anneal completion > ~/.anneal/completion.bash"})
final class Completion implements Callable<Integer> {
    private final Session session;

    @Spec
    private CommandSpec self;

    Completion(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.terminal().line(AutoComplete.bash("anneal", self.root().commandLine()));
        return 0;
    }
}
