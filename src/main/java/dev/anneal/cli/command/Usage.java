package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.text.Suggest;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in plain words how a command was called wrongly. */
public final class Usage {
    private Usage() {}

    public static Failure failure(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            return unexpected(command, unmatched.getUnmatched());
        }
        if (wrong instanceof MissingParameterException missing) {
            List<String> unmatched = command.getUnmatchedArguments();
            return unmatched.stream().anyMatch(word -> word.startsWith("-"))
                    ? unexpected(command, unmatched)
                    : missing(command, missing);
        }
        if (wrong instanceof OverwrittenOptionException twice) {
            return Failure.usage(name(twice.getOverwritten()) + " was given twice.");
        }
        if (wrong.getArgSpec() != null && wrong.getValue() != null) {
            return Failure.usage(name(wrong.getArgSpec()) + " cannot be " + wrong.getValue() + "."
                    + (isNumber(wrong.getArgSpec()) ? " Give a whole number." : ""));
        }
        return Failure.usage(sentence(String.valueOf(wrong.getMessage())));
    }

    private static boolean isNumber(ArgSpec argument) {
        return Number.class.isAssignableFrom(argument.type()) || argument.type() == int.class;
    }

    private static Failure unexpected(CommandLine command, List<String> words) {
        CommandSpec spec = command.getCommandSpec();
        String name = name(spec);
        String word =
                words.stream().filter(each -> each.startsWith("-")).findFirst().orElse(words.get(0));
        if (word.startsWith("-")) {
            String option = word.replaceFirst("=.*", "");
            return Failure.usage(name + " has no option " + option + "."
                    + Suggest.nearest(option, spec.optionsMap().keySet())
                    + (takesTexts(spec) ? " Put -- before a text that starts with a dash." : ""));
        }
        if (!spec.subcommands().isEmpty()) {
            return Failure.usage("There is no command " + (name + " " + word).strip() + "."
                    + Suggest.nearest(word, spec.subcommands().keySet()));
        }
        return Failure.usage(name + " does not take \"" + word + "\"."
                + (spec.positionalParameters().isEmpty()
                        ? " It takes options only."
                        : takesTexts(spec) ? " Quote a text with spaces." : " It takes one at a time."));
    }

    private static boolean takesTexts(CommandSpec spec) {
        return spec.positionalParameters().stream()
                .anyMatch(argument -> argument.paramLabel().equals("TEXT"));
    }

    /** Returns a command's name without that of the program: {@code keys create}. */
    public static String name(CommandSpec spec) {
        return spec.parent() == null ? "" : (name(spec.parent()) + " " + spec.name()).strip();
    }

    private static Failure missing(CommandLine command, MissingParameterException missing) {
        ArgSpec first = missing.getMissing().get(0);
        if (first.isOption() && !first.required()) {
            return Failure.usage(name(first) + " needs a value: " + name(first) + " " + first.paramLabel());
        }
        return Failure.usage(name(command.getCommandSpec()) + " needs "
                + String.join(
                        " and ",
                        missing.getMissing().stream()
                                .map(argument -> argument.isOption()
                                        ? name(argument) + " " + argument.paramLabel()
                                        : argument.paramLabel())
                                .toList())
                + ".");
    }

    private static String name(ArgSpec argument) {
        return argument.isOption() ? ((CommandLine.Model.OptionSpec) argument).longestName() : argument.paramLabel();
    }

    private static String sentence(String message) {
        return message.endsWith(".") ? message : message + ".";
    }
}
