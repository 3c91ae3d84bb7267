package dev.anneal.cli.server;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.Usage;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.text.Suggest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** The options with which a server is started, of the commands that start one or examine what it needs. */
abstract class ServerCommand implements Callable<Integer> {
    private static final List<String> ROLES = List.of("api", "worker", "inference");
    private static final String PROPERTY = "--(anneal|spring|server|management|logging)[.][\\w.\\[\\]-]+=.*";

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

    protected final Session session;

    ServerCommand(Session session) {
        this.session = session;
    }

    protected Path data() {
        return property("anneal.data").map(Path::of).orElseGet(session::data);
    }

    /** Returns a command for the server of the data directory. */
    protected String anneal(String command) {
        return property("anneal.data")
                .map(given -> Shell.local(command, Path.of(given)))
                .orElseGet(() -> Shell.local(command));
    }

    protected void checkOptions() {
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
        if (session.hasCallOptions()) {
            throw Failure.usage(
                    Usage.name(self) + " calls no server: --url, --key, --project and --curl have no use here.");
        }
        for (String role :
                setting(roles, "anneal.roles", "ANNEAL_ROLES").orElse("api").split("\\s*,\\s*")) {
            if (!ROLES.contains(role)) {
                throw Failure.usage("--roles cannot be " + role + ". Choose from " + String.join(", ", ROLES) + "."
                        + Suggest.nearest(role, ROLES));
            }
        }
    }

    protected InetSocketAddress address() {
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
    protected Optional<String> setting(@Nullable String option, String property, String... variables) {
        return Optional.ofNullable(option)
                .or(() -> property(property))
                .or(() -> Stream.of(variables)
                        .flatMap(variable -> session.environment(variable).stream())
                        .findFirst());
    }

    protected Optional<String> property(String name) {
        return properties.stream()
                .filter(word -> word.startsWith("--" + name + "="))
                .map(word -> word.substring(word.indexOf('=') + 1))
                .findFirst();
    }

    protected boolean embedded() {
        return session.environment("ANNEAL_DATABASE_URL").isEmpty()
                && session.environment("SPRING_DATASOURCE_URL").isEmpty()
                && property("spring.datasource.url").isEmpty();
    }

    protected String[] arguments(Path data) {
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

    protected static URI uri(InetSocketAddress address, int port) {
        InetAddress host = address.getAddress();
        String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        return URI.create("http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + port);
    }
}
