package dev.anneal.cli;

import java.util.List;

/** What the commands are, and what one of them takes. */
final class Help {
    static final Command COMMAND =
            new Command("help", "[command]", "explain the commands, or one of them", List.of(), Help::run);

    private Help() {}

    private static int run(Session session) {
        List<String> operands = session.arguments().operands();
        if (operands.isEmpty()) {
            overview(session.terminal());
        } else {
            of(Cli.command(session.arguments().only("command")), session.terminal());
        }
        return 0;
    }

    static void overview(Terminal terminal) {
        terminal.line("Anneal fine-tunes language models on your own machines.");
        terminal.line();
        terminal.line("usage: anneal <command> [options]");
        terminal.line();
        for (Command command : Cli.COMMANDS) {
            terminal.line(String.format("  %-11s %s", command.name(), command.summary()));
        }
        terminal.line();
        terminal.line("Begin with `anneal quickstart`. Each command explains its options: anneal <command> --help");
        terminal.line();
        options("options of every command", Command.COMMON, terminal);
    }

    static void of(Command command, Terminal terminal) {
        terminal.line(command.synopsis() + " [options]");
        terminal.line("  " + command.summary());
        if (!command.options().isEmpty()) {
            terminal.line();
            options("options", command.options(), terminal);
        }
        terminal.line();
        options("options of every command", Command.COMMON, terminal);
    }

    private static void options(String title, List<Option> options, Terminal terminal) {
        terminal.line(title);
        for (Option option : options) {
            terminal.line(String.format("  %-22s %s", option.synopsis(), option.help()));
        }
    }
}
