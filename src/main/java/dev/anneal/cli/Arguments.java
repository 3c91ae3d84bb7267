package dev.anneal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The words after a command, told apart into options and operands. */
record Arguments(Map<String, String> options, List<String> operands) {
    static Arguments parse(Command command, List<String> words) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> operands = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                operands.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (word.equals("-h")) {
                word = "--help";
            }
            if (!word.startsWith("-") || word.equals("-")) {
                operands.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            Option option = find(command, name);
            if (option.isFlag()) {
                if (equals >= 0) {
                    throw Failure.usage(name + " takes no value.");
                }
                options.put(option.name(), "");
            } else if (equals >= 0) {
                options.put(option.name(), word.substring(equals + 1));
            } else if (i + 1 < words.size() && !words.get(i + 1).startsWith("--")) {
                options.put(option.name(), words.get(++i));
            } else {
                throw Failure.usage(name + " needs a value: " + option.synopsis());
            }
        }
        return new Arguments(options, operands);
    }

    private static Option find(Command command, String word) {
        List<Option> known = Stream.concat(command.options().stream(), Command.COMMON.stream())
                .toList();
        return known.stream()
                .filter(option -> word.equals("--" + option.name()))
                .findFirst()
                .orElseThrow(() -> Failure.usage("anneal " + command.name() + " has no option " + word + "."
                        + Suggestion.of(
                                word,
                                known.stream()
                                        .map(option -> "--" + option.name())
                                        .toList())));
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    Optional<String> value(String option) {
        return Optional.ofNullable(options.get(option));
    }

    /** The one operand that a command takes, such as a job's id. */
    String only(String what) {
        if (operands.size() != 1) {
            throw Failure.usage(
                    operands.isEmpty()
                            ? "Which " + what + "?"
                            : "One " + what + " at a time, not " + operands.size() + ": " + String.join(" ", operands));
        }
        return operands.get(0);
    }

    void noOperands() {
        if (!operands.isEmpty()) {
            throw Failure.usage("What is \"" + operands.get(0) + "\" for? The command takes only options.");
        }
    }
}
