package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Key;
import dev.anneal.cli.http.Target;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.text.Credentials;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The options of every command, and what they lead to: the terminal, the data directory, the server, the key. */
@Command(
        name = "anneal",
        description = "Fine-tune language models on your own machines.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer = {
            "See everything work:  ${COMMAND-FULL-NAME} quickstart",
            "Explain a command:    ${COMMAND-FULL-NAME} help COMMAND"
        })
public final class Session implements Callable<Integer> {
    /** The message if a command reads its text from the standard input, which is empty. */
    public static final String NO_INPUT = "There is no text: the standard input is empty.";

    public static final int DEFAULT_PORT = 8420;

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "Server to call (default: ANNEAL_URL, else the server that runs on the data directory, else"
                    + " http://127.0.0.1:8420).")
    private @Nullable String url;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            scope = ScopeType.INHERIT,
            description = "Key to the server (default: ANNEAL_KEY, else the file admin.key in the data directory).")
    private @Nullable String key;

    @Option(
            names = "--project",
            paramLabel = "PROJECT",
            scope = ScopeType.INHERIT,
            description =
                    "Project to work in, for the server's admin (default: ANNEAL_PROJECT, else the key's project).")
    private @Nullable String project;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Data directory of the server (default: ANNEAL_DATA, else ~/.anneal).")
    private @Nullable String data;

    @Option(
            names = "--curl",
            scope = ScopeType.INHERIT,
            description = "Also print each call as a curl command, to stderr.")
    private boolean curl;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Explain the command.")
    private boolean help;

    @Spec
    private CommandSpec command;

    private final Terminal terminal;
    private final Map<String, String> environment;
    private final InputStream in;

    public Session(Terminal terminal, Map<String, String> environment, InputStream in) {
        this.terminal = terminal;
        this.environment = environment;
        this.in = in;
    }

    /** Without a command, the commands are explained. */
    @Override
    public Integer call() {
        terminal.line(command.commandLine().getUsageMessage().stripTrailing());
        return 0;
    }

    public Terminal terminal() {
        return terminal;
    }

    public InputStream in() {
        return in;
    }

    public Path data() {
        return given(data, "ANNEAL_DATA")
                .map(Path::of)
                .orElseGet(() -> Shell.home().resolve(".anneal"))
                .toAbsolutePath()
                .normalize();
    }

    /** Returns the given options that a command to type next needs, too, as words of the shell. A key is named, never shown. */
    public Map<String, String> serverOptions() {
        Map<String, String> options = new LinkedHashMap<>();
        if (data != null) {
            options.put(Shell.DATA, Shell.path(Path.of(data)));
        }
        if (url != null) {
            options.put("--url", Shell.word(Credentials.hide(url)));
        }
        if (key != null) {
            options.put("--key", "\"" + Key.given(key).shell() + "\"");
        }
        if (project != null) {
            options.put("--project", Shell.word(project));
        }
        return options;
    }

    /** Returns whether an option was given that only calls of a server need. */
    public boolean hasCallOptions() {
        return namesServer() || project != null || curl;
    }

    /** Returns whether the address of the server or the key was given. */
    public boolean namesServer() {
        return url != null || key != null;
    }

    public Api api() {
        String server = given(url, "ANNEAL_URL")
                .or(() -> ServerRecord.find(data()).map(running -> running.uri().toString()))
                .orElse("http://127.0.0.1:" + DEFAULT_PORT);
        if (!server.matches("https?://[^/@]+(/.*)?")) {
            throw Failure.usage("--url must be of the form http://host:port, not " + Credentials.hide(server) + ".");
        }
        Key secret = given(key, "ANNEAL_KEY").map(Key::given).orElseGet(() -> Key.of(data()));
        return api(URI.create(server.replaceAll("/+$", "")), secret);
    }

    public Api api(URI server, Key secret) {
        return new Api(new Target(server, secret, project()), curl ? terminal::error : call -> {});
    }

    public Optional<String> project() {
        return given(project, "ANNEAL_PROJECT");
    }

    public Optional<String> environment(String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
    }

    private Optional<String> given(@Nullable String option, String variable) {
        return Optional.ofNullable(option).or(() -> environment(variable));
    }

    /** Prints the server's JSON as it came, for other programs. */
    public void print(JsonNode json) {
        terminal.line(json.toString());
    }
}
