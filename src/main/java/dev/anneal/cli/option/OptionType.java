package dev.anneal.cli.option;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import dev.anneal.text.Suggest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A kind of value that an option takes: reads it from the command line, checks it, and returns it as JSON. */
@FunctionalInterface
interface OptionType {
    JsonNodeFactory NODES = Json.MAPPER.getNodeFactory();

    /**
     * @param option how the value is named in an error, such as {@code --epochs} or {@code --method r}
     */
    JsonNode read(String option, String value);

    static OptionType text() {
        return (option, value) -> NODES.stringNode(value);
    }

    static OptionType whole(long min, long max) {
        return (option, value) -> {
            if (!value.matches("-?\\d{1,18}") || Long.parseLong(value) < min || Long.parseLong(value) > max) {
                throw wrong(option, value, "Give a whole number from " + min + " to " + max + ".");
            }
            return NODES.numberNode(Long.parseLong(value));
        };
    }

    static OptionType number(double min, double max) {
        return (option, value) -> {
            boolean number = value.matches("-?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
            if (!number || Double.parseDouble(value) < min || Double.parseDouble(value) > max) {
                throw wrong(
                        option, value, "Give a number from " + Units.number(min) + " to " + Units.number(max) + ".");
            }
            return value.matches("-?\\d{1,18}")
                    ? NODES.numberNode(Long.parseLong(value))
                    : NODES.numberNode(Double.parseDouble(value));
        };
    }

    static OptionType flag() {
        return (option, value) -> {
            if (!value.equals("true") && !value.equals("false")) {
                throw wrong(option, value, "Give true or false.");
            }
            return NODES.booleanNode(value.equals("true"));
        };
    }

    static OptionType choice(String... choices) {
        List<String> known = List.of(choices);
        return (option, value) -> {
            if (!known.contains(value)) {
                throw wrong(
                        option,
                        value,
                        "Choose one of " + String.join(", ", known) + "." + Suggest.nearest(value, known));
            }
            return NODES.stringNode(value);
        };
    }

    /** Names with {@code +} between them, or a JSON list of them, because a name may have a {@code +}, too. */
    static OptionType list() {
        return (option, value) -> {
            List<String> names = value.startsWith("[") ? names(option, value) : List.of(value.split("\\+", -1));
            if (names.stream().anyMatch(String::isBlank)) {
                throw wrong(
                        option,
                        value,
                        "Names have a + between them. If a name has a + in it, give a JSON list, such as '[\"C++\"]'.");
            }
            ArrayNode list = Json.MAPPER.createArrayNode();
            names.forEach(list::add);
            return list;
        };
    }

    /** Returns the names in a JSON list, or those that have a {@code +} between them if the first one begins with a bracket. */
    private static List<String> names(String option, String value) {
        try {
            JsonNode list = Json.MAPPER.readTree(value);
            if (!list.valueStream().allMatch(name -> name.isString() || name.isNumber() || name.isBoolean())) {
                throw wrong(option, value, "Give a list of names.");
            }
            return list.valueStream().map(JsonNode::asString).toList();
        } catch (JacksonException noList) {
            return List.of(value.split("\\+", -1));
        }
    }

    /** A value of this kind, or {@code auto}. */
    default OptionType orAuto() {
        return or(choice("auto"));
    }

    /** A value of this kind, or of another one that can be told by its words. */
    default OptionType or(OptionType words) {
        return (option, value) -> {
            try {
                return words.read(option, value);
            } catch (Failure anotherKind) {
                return read(option, value);
            }
        };
    }

    /** {@code name=value,…} with these names, or the same as a JSON object. */
    static OptionType pairs(Map<String, OptionType> fields) {
        return named((option, name) -> {
            if (!fields.containsKey(name)) {
                throw Failure.usage(option + " has no setting " + name + ". Its settings are "
                        + String.join(", ", new TreeSet<>(fields.keySet())) + "."
                        + Suggest.nearest(name, fields.keySet()));
            }
            return fields.get(name);
        });
    }

    /** {@code name=value,…} with any names, or the same as a JSON object. */
    static OptionType pairs(OptionType values) {
        return named((option, name) -> values);
    }

    /** Finds the kind of a named value. */
    interface Lookup {
        OptionType kind(String option, String name);
    }

    private static OptionType named(Lookup lookup) {
        return (option, value) -> {
            ObjectNode object = Json.MAPPER.createObjectNode();
            split(option, value)
                    .forEach((name, text) ->
                            object.set(name, lookup.kind(option, name).read(option + " " + name, text)));
            return object;
        };
    }

    private static Map<String, String> split(String option, String value) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (value.startsWith("{")) {
            try {
                Json.MAPPER
                        .readTree(value)
                        .properties()
                        .forEach(field -> pairs.put(field.getKey(), json(field.getValue())));
            } catch (JacksonException malformed) {
                throw Failure.usage(option + " is not valid JSON. Give name=value,… or a JSON object.");
            }
            return pairs;
        }
        for (String pair : value.split(",")) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw Failure.usage(option + " takes name=value pairs with commas between them, not " + pair + ".");
            }
            pairs.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return pairs;
    }

    /** Returns a value as it is given in {@code name=value}. A list or an object is JSON there, too. */
    private static String json(JsonNode value) {
        return value.isValueNode() ? value.asString("") : value.toString();
    }

    private static Failure wrong(String option, String value, String advice) {
        return Failure.usage(option + " cannot be " + value + ". " + advice);
    }
}
