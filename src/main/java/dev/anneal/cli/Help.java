package dev.anneal.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;

import dev.anneal.cli.command.Session;
import dev.anneal.cli.command.Usage;
import dev.anneal.cli.option.TrainingOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.text.Suggest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** The command that explains the others, and how all explanations look. */
@Command(
        name = "help",
        description = "Explain the commands, or one of them.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${ROOT-COMMAND-NAME} help train", "  ${ROOT-COMMAND-NAME} help keys create"})
final class Help implements Callable<Integer> {
    private static final int MAX_WIDTH = 110;

    private final Session session;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command to explain.")
    private List<String> words = List.of();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec self;

    Help(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        CommandLine command = self.root().commandLine();
        for (String word : words) {
            CommandLine next = command.getSubcommands().get(word);
            if (next == null) {
                throw Failure.usage("There is no command "
                        + (Usage.name(command.getCommandSpec()) + " " + word).strip() + "."
                        + Suggest.nearest(word, command.getSubcommands().keySet()));
            }
            command = next;
        }
        print(command, session.terminal());
        return 0;
    }

    static void print(CommandLine command, Terminal terminal) {
        terminal.line(command.getUsageMessage(ansi(terminal)).stripTrailing());
    }

    /** Lets all explanations, also those of {@code --help}, go to the terminal in one look. */
    static void prepare(CommandLine all, Terminal terminal) {
        all.setUsageHelpWidth(Math.max(60, Math.min(MAX_WIDTH, terminal.width())))
                .setColorScheme(CommandLine.Help.defaultColorScheme(ansi(terminal)))
                .setOut(terminal.writer());
        dress(all);
        all.getCommandSpec().usageMessage().customSynopsis(all.getCommandName() + " COMMAND [OPTIONS]");
        all.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        all.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, Help::groups);
        List<String> keys = new ArrayList<>(all.getHelpSectionKeys());
        keys.remove(SECTION_KEY_OPTION_LIST);
        keys.add(keys.indexOf(SECTION_KEY_COMMAND_LIST) + 1, SECTION_KEY_OPTION_LIST);
        all.setHelpSectionKeys(keys);
    }

    private static void dress(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .sortOptions(false)
                .abbreviateSynopsis(true)
                .commandListHeading("%nCommands%n");
        command.getHelpSectionMap().put(SECTION_KEY_OPTION_LIST, Help::options);
        command.getSubcommands().values().forEach(Help::dress);
    }

    private static CommandLine.Help.Ansi ansi(Terminal terminal) {
        return terminal.hasColour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
    }

    private static String groups(CommandLine.Help help) {
        StringBuilder text = new StringBuilder();
        Commands.GROUPS.forEach((title, names) -> {
            CommandLine.Help.TextTable table = CommandLine.Help.TextTable.forColumns(
                    help.colorScheme(),
                    new CommandLine.Help.Column(15, 2, CommandLine.Help.Column.Overflow.SPAN),
                    new CommandLine.Help.Column(
                            help.commandSpec().usageMessage().width() - 15, 1, CommandLine.Help.Column.Overflow.WRAP));
            names.forEach(name -> table.addRowValues(
                    name,
                    String.join(
                            " ",
                            Objects.requireNonNull(
                                            help.commandSpec().subcommands().get(name))
                                    .getCommandSpec()
                                    .usageMessage()
                                    .description())));
            text.append("\n").append(title).append("\n").append(table);
        });
        return text.toString();
    }

    private static String options(CommandLine.Help help) {
        if (help.commandSpec().parent() == null) {
            return section(help, "Options of every command", option -> true);
        }
        boolean trains = help.commandSpec().findOption("--epochs") != null; // others have a --seed of another kind
        Predicate<OptionSpec> hyperparameter =
                option -> trains && TrainingOptions.HYPERPARAMETERS.contain(option.longestName());
        return section(help, "Options", hyperparameter.or(OptionSpec::inherited).negate())
                + section(help, "Hyperparameters (default: auto, see docs/hyperparameters.md)", hyperparameter)
                + "\nOptions of every command: --url, --key, --project, --data, --curl, --help; see "
                + help.commandSpec().root().name() + " help\n";
    }

    private static String section(CommandLine.Help help, String title, Predicate<OptionSpec> which) {
        List<OptionSpec> options =
                help.commandSpec().options().stream().filter(which).toList();
        return options.isEmpty()
                ? ""
                : "\n" + title + "\n"
                        + help.optionListExcludingGroups(
                                options,
                                help.createDefaultLayout(options, List.of(), help.colorScheme()),
                                null,
                                new SpacedLabels());
    }

    /** Shows {@code --epochs N} in place of {@code --epochs=N}. */
    private static final class SpacedLabels implements CommandLine.Help.IParamLabelRenderer {
        @Override
        public CommandLine.Help.Ansi.Text renderParameterLabel(
                ArgSpec argument, CommandLine.Help.Ansi ansi, List<CommandLine.Help.Ansi.IStyle> styles) {
            return ansi.new Text(argument.arity().max() == 0 ? "" : " " + argument.paramLabel());
        }

        @Override
        public String separator() {
            return " ";
        }
    }
}
