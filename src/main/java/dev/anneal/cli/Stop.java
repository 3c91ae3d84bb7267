package dev.anneal.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The command that ends the server which quickstart left running. */
final class Stop {
    static final Command COMMAND =
            new Command("stop", "", "stop the server that quickstart left running", List.of(), Stop::run);

    private Stop() {}

    private static int run(Session session) throws IOException {
        session.arguments().noOperands();
        Path data = session.data();
        Optional<ServerProcess> server = ServerProcess.find(data);
        if (server.isEmpty()) {
            ServerProcess.forget(data);
            session.terminal().line("No server of quickstart runs for " + data + ".");
            return 0;
        }
        session.terminal().live("Stopping the server (pid " + server.get().pid() + ")");
        server.get().stop();
        session.terminal().line("Stopped the server (pid " + server.get().pid() + ").");
        return 0;
    }
}
