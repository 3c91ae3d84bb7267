package dev.anneal.cli;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.Usage;
import dev.anneal.cli.server.Serve;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import picocli.CommandLine;

/** The command line: runs a command, and turns every failure into a message and an exit code. */
public final class Cli {
    private final Terminal terminal;
    private final CommandLine commandLine;

    Cli(Terminal terminal, Map<String, String> environment, InputStream in, Serve.Starter starter) {
        this.terminal = terminal;
        Session session = new Session(terminal, environment, in);
        commandLine = Commands.of(session, starter)
                .setCommandName(System.getProperty("anneal.program", "anneal"))
                .setExpandAtFiles(false)
                .setExecutionStrategy(parsed ->
                        Shell.withOptions(session.serverOptions(), () -> new CommandLine.RunLast().execute(parsed)))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command))
                .setParameterExceptionHandler(this::wronglyCalled);
    }

    /** Runs one command and returns its exit code: 0 if it succeeded, 1 if it failed, 2 if it was called wrongly. */
    public static int run(String[] args, Serve.Starter starter) {
        return new Cli(Terminal.system(), System.getenv(), System.in, starter).execute(args);
    }

    int execute(String... words) {
        Help.prepare(commandLine, terminal);
        return commandLine.execute(words);
    }

    CommandLine commandLine() {
        return commandLine;
    }

    private int wronglyCalled(CommandLine.ParameterException wrong, String[] words) throws Exception {
        return failed(Usage.failure(wrong), wrong.getCommandLine());
    }

    private int failed(Exception failure, CommandLine command) throws Exception {
        if (failure instanceof Failure told) {
            tell(String.valueOf(told.getMessage()));
            if (told.exitCode() == 2) {
                terminal.error("See: " + command.getCommandSpec().qualifiedName() + " --help");
            }
            return told.exitCode();
        }
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return 1;
        }
        if (failure instanceof IOException broken) {
            tell("The connection to the server broke: " + broken.getMessage());
            return 1;
        }
        throw failure;
    }

    private void tell(String message) {
        terminal.error(terminal.red("anneal: ") + message);
    }
}
