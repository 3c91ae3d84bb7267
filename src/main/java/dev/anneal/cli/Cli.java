package dev.anneal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** The command line: finds the command, runs it, and turns every failure into words and an exit code. */
public final class Cli {
    static final List<Command> COMMANDS = List.of(
            Quickstart.COMMAND,
            Serve.COMMAND,
            Stop.COMMAND,
            Train.COMMAND,
            Jobs.FOLLOW,
            JobChanges.PAUSE,
            JobChanges.RESUME,
            JobChanges.CANCEL,
            Checkpoints.COMMAND,
            Predict.COMMAND,
            Generate.COMMAND,
            Jobs.LIST,
            Jobs.SHOW,
            Models.LIST,
            Import.COMMAND,
            Datasets.LIST,
            Workers.LIST,
            Workers.DRAIN,
            Workers.UNDRAIN,
            Access.PROJECTS,
            Access.KEYS,
            Help.COMMAND);

    private final Terminal terminal;
    private final Map<String, String> environment;
    private final InputStream in;

    Cli(Terminal terminal, Map<String, String> environment, InputStream in) {
        this.terminal = terminal;
        this.environment = environment;
        this.in = in;
    }

    /** Runs one command and answers its exit code: 0 well, 1 failed, 2 wrongly called. */
    public static int run(String[] args) {
        return new Cli(Terminal.system(), System.getenv(), System.in).execute(args);
    }

    int execute(String... words) {
        try {
            return dispatch(List.of(words));
        } catch (Failure failure) {
            tell(failure.getMessage());
            if (failure.exitCode() == 2) {
                terminal.error("See: anneal help" + (words.length > 1 && isCommand(words[0]) ? " " + words[0] : ""));
            }
            return failure.exitCode();
        } catch (IOException broken) {
            tell("The connection to the server broke: " + broken.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    private int dispatch(List<String> words) throws IOException, InterruptedException {
        if (words.isEmpty() || words.get(0).equals("--help") || words.get(0).equals("-h")) {
            Help.overview(terminal);
            return 0;
        }
        Command command = command(words.get(0));
        Arguments arguments = Arguments.parse(command, words.subList(1, words.size()));
        if (arguments.has("help")) {
            Help.of(command, terminal);
            return 0;
        }
        return command.action().run(new Session(arguments, environment, in, terminal));
    }

    static Command command(String name) {
        return COMMANDS.stream()
                .filter(command -> command.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Failure.usage("There is no command " + name + "."
                        + Suggestion.of(
                                name, COMMANDS.stream().map(Command::name).toList())));
    }

    private static boolean isCommand(String word) {
        return COMMANDS.stream().anyMatch(command -> command.name().equals(word));
    }

    private void tell(String message) {
        terminal.error(terminal.red("anneal: ") + message);
    }
}
