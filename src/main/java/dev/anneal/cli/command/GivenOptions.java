package dev.anneal.cli.command;

import dev.anneal.cli.terminal.Shell;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options that the user gave to the command that runs, for a command to type next. Those of every command are not among them:
 * {@link Shell#anneal} adds these.
 *
 * @param values their values by their names; a flag has none
 */
public record GivenOptions(Map<String, List<String>> values) {
    public static GivenOptions of(CommandSpec command) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (OptionSpec option : command.commandLine().getParseResult().matchedOptions()) {
            if (!option.inherited()) {
                boolean isFlag = option.arity().max() == 0;
                if (isFlag && Boolean.FALSE.equals(option.getValue())) {
                    continue; // given as --flag=false
                }
                values.put(option.longestName(), isFlag ? List.of() : List.copyOf(option.originalStringValues()));
            }
        }
        return new GivenOptions(values);
    }

    public GivenOptions without(Collection<String> names) {
        Map<String, List<String>> left = new LinkedHashMap<>(values);
        left.keySet().removeAll(names);
        return new GivenOptions(left);
    }

    /** Returns the options with another value of one of them, which may be new. */
    public GivenOptions with(String name, String value) {
        Map<String, List<String>> changed = new LinkedHashMap<>(values);
        changed.put(name, List.of(value));
        return new GivenOptions(changed);
    }

    /** Returns the options as a shell reads them, each after a space. */
    @Override
    public String toString() {
        StringBuilder words = new StringBuilder();
        values.forEach((name, given) -> {
            if (given.isEmpty()) {
                words.append(' ').append(name);
            }
            // A value that starts with a dash would be taken for an option.
            given.forEach(value -> words.append(' ')
                    .append(name)
                    .append(value.startsWith("-") ? '=' : ' ')
                    .append(Shell.word(value)));
        });
        return words.toString();
    }
}
