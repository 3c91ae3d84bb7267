package dev.anneal.transformer.jinja;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tests, which follow {@code is}. */
final class Tests {
    static final Set<String> KNOWN = Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "integer",
            "float",
            "boolean",
            "true",
            "false",
            "callable",
            "odd",
            "even",
            "divisibleby",
            "sameas",
            "in",
            "eq",
            "equalto",
            "==",
            "ne",
            "!=",
            "lt",
            "<",
            "le",
            "<=",
            "gt",
            ">",
            "ge",
            ">=");

    private Tests() {}

    static void check(String name) {
        if (!KNOWN.contains(name)) {
            throw new JinjaException("the test " + JinjaException.quote(name) + " is not supported");
        }
    }

    static boolean holds(String name, @Nullable Object value, List<Object> arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "iterable", "sequence" ->
                value instanceof String || value instanceof Collection || value instanceof Map;
            case "number" -> value instanceof Number || value instanceof Boolean;
            case "integer" -> value instanceof Number && !(value instanceof Double);
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Callable;
            case "odd" -> Math.floorMod(Values.integer(value), 2L) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2L) == 0;
            case "divisibleby" -> Values.integer(value) % Values.integer(arguments.get(0)) == 0;
            case "sameas", "eq", "equalto", "==" -> Values.equal(value, arguments.get(0));
            case "ne", "!=" -> !Values.equal(value, arguments.get(0));
            case "in" -> Values.compare("in", value, arguments.get(0));
            case "lt", "<" -> Values.order(value, arguments.get(0)) < 0;
            case "le", "<=" -> Values.order(value, arguments.get(0)) <= 0;
            case "gt", ">" -> Values.order(value, arguments.get(0)) > 0;
            default -> Values.order(value, arguments.get(0)) >= 0;
        };
    }
}
