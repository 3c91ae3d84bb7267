package dev.anneal.cli.server;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.local.ServerProcess;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.terminal.Shell;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The command that stops the server of a data directory. */
@Command(
        name = "stop",
        description = "Stop the server that runs on the data directory.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} --data /srv/anneal"})
public final class Stop implements Callable<Integer> {
    private final Session session;

    public Stop(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Path data = session.data();
        Optional<ServerRecord> server = ServerRecord.find(data);
        if (server.isEmpty()) {
            session.terminal().line("No server runs on " + Shell.path(data) + ".");
            return 0;
        }
        session.terminal().live("Stopping the server");
        ServerProcess.stop(server.get().process());
        ServerRecord.forget(data);
        session.terminal().line("Stopped the server at " + server.get().uri() + ".");
        return 0;
    }
}
