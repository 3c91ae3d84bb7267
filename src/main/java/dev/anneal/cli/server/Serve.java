package dev.anneal.cli.server;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.Usage;
import dev.anneal.cli.local.DataLock;
import dev.anneal.cli.local.Port;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.files.FileLocks;
import dev.anneal.text.Suggest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

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
public final class Serve implements Callable<Integer> {
    private static final List<String> ROLES = List.of("api", "worker", "inference");
    private static final String PROPERTY = "--(anneal|spring|server|management|logging)[.][\\w.\\[\\]-]+=.*";

    /** Starts the server within this process. */
    @FunctionalInterface
    public interface Starter {
        /** Returns the port that the server listens on, once it is ready. */
        int start(String... properties);
    }

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port to listen on, 0 for any free one (default: ANNEAL_PORT, else 8420).")
    private @Nullable Integer port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on (default: ANNEAL_HOST, else 127.0.0.1).")
    private @Nullable String host;

    @Option(
            names = "--roles",
            paramLabel = "ROLE,…",
            description = "What this process does: api, worker, inference (default: ANNEAL_ROLES, else all three).")
    private @Nullable String roles;

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @Spec
    private CommandSpec self;

    private final Session session;
    private final Starter starter;

    public Serve(Session session, Starter starter) {
        this.session = session;
        this.starter = starter;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkOptions();
        Path data = property("anneal.data").map(Path::of).orElseGet(session::data);
        InetSocketAddress address = address();
        checkRecord(data);
        try (FileLocks.Held lock = DataLock.take(data, embedded())) {
            checkPort(address);
            run(data, address);
        }
        return 0;
    }

    private void checkOptions() {
        for (String word : properties) {
            if (!word.startsWith("-")) {
                throw Failure.usage(Usage.name(self) + " does not take \"" + word + "\". It takes options only.");
            }
            if (word.matches("--anneal[.][\\w.-]+")) {
                throw Failure.usage(word + " needs a value: " + word + "=VALUE");
            }
            if (!word.matches(PROPERTY)) {
                String option = word.replaceFirst("=.*", "");
                throw Failure.usage(Usage.name(self) + " has no option " + option + "."
                        + Suggest.nearest(option, self.optionsMap().keySet()));
            }
        }
        if (session.namesServer()) {
            throw Failure.usage(Usage.name(self)
                    + " starts a server and calls none: --url, --key, --project and --curl have no use here.");
        }
        for (String role :
                setting(roles, "anneal.roles", "ANNEAL_ROLES").orElse("api").split("\\s*,\\s*")) {
            if (!ROLES.contains(role)) {
                throw Failure.usage("--roles cannot be " + role + ". Choose from " + String.join(", ", ROLES) + "."
                        + Suggest.nearest(role, ROLES));
            }
        }
    }

    private InetSocketAddress address() {
        String number = setting(port == null ? null : port.toString(), "server.port", "SERVER_PORT", "ANNEAL_PORT")
                .orElse(Integer.toString(Session.DEFAULT_PORT));
        if (!number.matches("\\d{1,5}") || Integer.parseInt(number) > 65535) {
            throw Failure.usage("--port cannot be " + number + ". Give a number from 0 to 65535."
                    + (number.startsWith("tcp://")
                            ? " Kubernetes sets ANNEAL_PORT if a service is called anneal. Set enableServiceLinks to false"
                                    + " in the pod."
                            : ""));
        }
        String name =
                setting(host, "server.address", "SERVER_ADDRESS", "ANNEAL_HOST").orElse("127.0.0.1");
        try {
            return new InetSocketAddress(InetAddress.getByName(name), Integer.parseInt(number));
        } catch (UnknownHostException unknown) {
            throw Failure.usage("--host cannot be " + name + ": no such host is known.");
        }
    }

    /** Returns what an option says, else a property, else the first variable that is set. */
    private Optional<String> setting(@Nullable String option, String property, String... variables) {
        return Optional.ofNullable(option)
                .or(() -> property(property))
                .or(() -> Stream.of(variables)
                        .flatMap(variable -> session.environment(variable).stream())
                        .findFirst());
    }

    private Optional<String> property(String name) {
        return properties.stream()
                .filter(word -> word.startsWith("--" + name + "="))
                .map(word -> word.substring(word.indexOf('=') + 1))
                .findFirst();
    }

    private boolean embedded() {
        return session.environment("ANNEAL_DATABASE_URL").isEmpty()
                && session.environment("SPRING_DATASOURCE_URL").isEmpty()
                && property("spring.datasource.url").isEmpty();
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
        if (session.environment("LOGGING_STRUCTURED_FORMAT_CONSOLE").isEmpty()) {
            greet(data, uri);
        }
        Thread.currentThread().join(); // the server runs until a signal ends the process
    }

    private String[] arguments(Path data) {
        List<String> arguments = new ArrayList<>(properties);
        if (property("anneal.data").isEmpty()) {
            arguments.add("--anneal.data=" + data);
        }
        if (port != null) {
            arguments.add("--server.port=" + port);
        }
        if (host != null) {
            arguments.add("--server.address=" + host);
        }
        if (roles != null) {
            arguments.add("--anneal.roles=" + roles);
        }
        return arguments.toArray(String[]::new);
    }

    private void greet(Path data, URI uri) {
        Terminal terminal = session.terminal();
        terminal.line();
        terminal.line("Anneal is ready at " + terminal.bold(uri.toString()));
        Path key = data.resolve("admin.key");
        if (Files.isReadable(key)) {
            terminal.line("Key file  " + Shell.path(key));
            terminal.line("Next      " + Shell.anneal("train reviews.csv") + session.dataOption()
                    + "   (in another terminal)");
        }
        terminal.line("Stop      Ctrl-C, or " + Shell.anneal("stop") + session.dataOption());
        terminal.line();
    }

    private static URI uri(InetSocketAddress address, int port) {
        InetAddress host = address.getAddress();
        String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        return URI.create("http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + port);
    }
}
