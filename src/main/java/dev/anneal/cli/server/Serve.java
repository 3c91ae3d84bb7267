package dev.anneal.cli.server;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.local.DataLock;
import dev.anneal.cli.local.Port;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.files.FileLocks;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** The command that runs the server: checks its options, its port and its data directory before anything else. */
@Command(
        name = "serve",
        description = "Run the server in this terminal.",
        footerHeading = "%nEach setting of docs/configuration.md is an option, too: --anneal.NAME=VALUE%n%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME}",
            "  ${COMMAND-FULL-NAME} --port 9000 --data /srv/anneal",
            "  ${COMMAND-FULL-NAME} --roles worker --anneal.worker.devices=cuda:0,cuda:1"
        })
public final class Serve extends ServerCommand {
    /** Starts the server within this process. */
    @FunctionalInterface
    public interface Starter {
        /** Returns the port that the server listens on, once it is ready. */
        int start(String... properties);
    }

    private final Starter starter;

    public Serve(Session session, Starter starter) {
        super(session);
        this.starter = starter;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkOptions();
        Path data = data();
        InetSocketAddress address = address();
        checkRecord(data);
        try (FileLocks.Held lock = DataLock.take(data, embedded())) {
            checkPort(address);
            run(data, address);
        }
        return 0;
    }

    /** Refuses a directory whose server has recorded itself. A server of an earlier version takes no lock. */
    private void checkRecord(Path data) {
        ServerRecord.find(data)
                .filter(running -> embedded() && !running.process().equals(ProcessHandle.current()))
                .ifPresent(running -> {
                    throw DataLock.taken(data);
                });
    }

    private static void checkPort(InetSocketAddress address) throws InterruptedException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address);
        } catch (IOException taken) {
            boolean anneal = switch (Port.at(uri(address, address.getPort()))) {
                case READY, NOT_READY -> true;
                case FREE, OTHER -> false;
            };
            throw new Failure("Cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                    + (anneal ? "another Anneal server is there" : taken.getMessage())
                    + ". Choose another port with --port.");
        }
    }

    private void run(Path data, InetSocketAddress address) throws InterruptedException {
        ServerRecord.write(data, uri(address, address.getPort()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ServerRecord.forget(data), "forget-server"));
        int listening;
        try {
            listening = starter.start(arguments(data));
        } catch (RuntimeException notStarted) {
            throw new Failure("The server did not start. The log above says why.");
        }
        URI uri = uri(address, listening);
        ServerRecord.write(data, uri);
        if (setting(null, "logging.structured.format.console", "LOGGING_STRUCTURED_FORMAT_CONSOLE")
                .isEmpty()) {
            greet(data, uri);
        }
        Thread.currentThread().join(); // the server runs until a signal ends the process
    }

    private void greet(Path data, URI uri) {
        Terminal terminal = session.terminal();
        terminal.line();
        terminal.line("Anneal is ready at " + terminal.bold(uri.toString()));
        Path key = data.resolve("admin.key");
        if (Files.isReadable(key)) {
            terminal.line("Key file  " + Shell.path(key));
            terminal.line("Next      " + anneal("train reviews.csv") + "   (in another terminal)");
        }
        terminal.line("Stop      Ctrl-C, or " + anneal("stop"));
        terminal.line();
    }
}
