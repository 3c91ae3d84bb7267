package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Terminal;
import picocli.CommandLine.Option;

/** The options of a command that starts work of the server, which may take long. */
public final class WaitOptions {
    @Option(names = "--detach", description = "Do not wait for the end.")
    private boolean detach;

    @Option(
            names = "--json",
            description = "Print only the server's JSON: the result, or with --detach what was created.")
    private boolean json;

    public boolean isDetached() {
        return detach;
    }

    public boolean isJson() {
        return json;
    }

    /** Returns the terminal for what is not the result. With --json nothing else is shown. */
    public Terminal terminal(Session session) {
        return json ? session.terminal().silent() : session.terminal();
    }
}
