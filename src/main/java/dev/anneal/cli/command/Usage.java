package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.text.Suggest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in plain words how a command was called wrongly. */
public final class Usage {
    /** Names that other tools have for options, which no spelling leads to. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("r", "--method type=lora,r=…"),
            Map.entry("rank", "--method type=lora,r=…"),
            Map.entry("lora-r", "--method type=lora,r=…"),
            Map.entry("lora-rank", "--method type=lora,r=…"),
            Map.entry("alpha", "--method type=lora,alpha=…"),
            Map.entry("lora-alpha", "--method type=lora,alpha=…"),
            Map.entry("lora-dropout", "--method type=lora,dropout=…"),
            Map.entry("target-modules", "--method type=lora,target_modules=…"),
            Map.entry("lora", "--method lora"),
            Map.entry("patience", "--early-stopping patience=…"),
            Map.entry("fraction", "--subset fraction=…"),
            Map.entry("max-samples", "--subset rows=…"),
            Map.entry("batch", "--batch-size"),
            Map.entry("bs", "--batch-size"),
            Map.entry("num-train-epochs", "--epochs"),
            Map.entry("max-seq-length", "--max-length"),
            Map.entry("cutoff-len", "--max-length"),
            Map.entry("warmup", "--warmup-ratio"),
            Map.entry("base-model", "--model"),
            Map.entry("dev", "--validation"),
            Map.entry("eval", "--validation"));

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
                    + nearestOption(
                            option.replaceFirst("^-+", ""), spec.optionsMap().keySet())
                    + (takesTexts(spec) ? " Put -- before a text that starts with a dash." : ""));
        }
        if (!spec.subcommands().isEmpty()) {
            String nearest = Suggest.nearest(word, spec.subcommands().keySet());
            String singular = name.replaceFirst("s$", "");
            boolean isShown =
                    !singular.equals(name) && spec.root().subcommands().containsKey(singular);
            return Failure.usage("There is no command " + (name + " " + word).strip() + "."
                    + (nearest.isEmpty() && isShown
                            ? " Did you mean '" + singular + " " + Shell.word(word) + "'?"
                            : nearest));
        }
        Optional<String> plural = plural(spec);
        if (plural.isPresent()) {
            return Failure.usage(name + " shows one " + name + ". Did you mean '" + plural.get() + " "
                    + String.join(" ", words) + "'?");
        }
        return Failure.usage(name + " does not take \"" + word + "\"."
                + (spec.positionalParameters().isEmpty()
                        ? " It takes options only."
                        : takesTexts(spec) ? " Quote a text with spaces." : " It takes one at a time."));
    }

    /**
     * Returns the command of several that is meant if its name was given as the name of one: {@code datasets delete} for
     * {@code dataset delete}.
     */
    static Optional<String> plural(CommandSpec spec) {
        CommandLine several = spec.root().subcommands().get(name(spec) + "s");
        return several == null
                ? Optional.empty()
                : spec.positionalParameters().stream()
                        .map(argument -> String.valueOf((Object) argument.getValue()))
                        .filter(several.getSubcommands()::containsKey)
                        .findFirst()
                        .map(word -> name(several.getCommandSpec()) + " " + word);
    }

    /** Returns a guess for an option: one with another name in other tools, one with these initials, or the nearest one. */
    private static String nearestOption(String given, Set<String> options) {
        String known = OTHER_NAMES.get(given.toLowerCase(Locale.ROOT).replace('_', '-'));
        if (known != null && options.contains(known.split(" ")[0])) {
            return " Did you mean '" + known + "'?";
        }
        return options.stream()
                .filter(option -> option.startsWith("--") && initials(option).equals(given))
                .findFirst()
                .map(option -> " Did you mean '" + option + "'?")
                .orElseGet(() -> Suggest.nearest(
                                given,
                                options.stream()
                                        .filter(option -> option.startsWith("--"))
                                        .map(option -> option.replaceFirst("^-+", ""))
                                        .toList())
                        .replace("'", "")
                        .replaceFirst("mean ", "mean '--")
                        .replaceFirst("[?]$", "'?"));
    }

    /** Returns the first letters of the words of an option. */
    private static String initials(String option) {
        return Stream.of(option.substring(2).split("-"))
                .map(word -> word.substring(0, Math.min(1, word.length())))
                .collect(Collectors.joining());
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
