package dev.anneal.transformer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The filters, which follow a {@code |}. */
final class Filters {
    static final Set<String> KNOWN = Set.of(
            "abs",
            "capitalize",
            "count",
            "d",
            "default",
            "dictsort",
            "first",
            "float",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "safe",
            "select",
            "selectattr",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "unique",
            "upper");

    private Filters() {}

    static void check(String name) {
        if (!KNOWN.contains(name)) {
            throw new JinjaException("the filter " + JinjaException.quote(name) + " is not supported");
        }
    }

    static @Nullable Object apply(
            String name, @Nullable Object value, List<Object> arguments, Map<String, Object> named) {
        Object first = arguments.isEmpty() ? null : arguments.get(0);
        return switch (name) {
            case "trim" -> Methods.strip(text(value), (String) first, true, true);
            case "upper" -> text(value).toUpperCase(Locale.ROOT);
            case "lower" -> text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> Methods.capitalized(text(value));
            case "title" -> Methods.title(text(value));
            case "string", "safe" -> text(value);
            case "replace" -> Methods.replaced(text(value), arguments);
            case "indent" -> indented(text(value), arguments, named);
            case "length", "count" -> length(value);
            case "list" -> new ArrayList<>(items(value));
            case "items" -> value instanceof Map<?, ?> map ? entries(map) : List.of();
            case "first" -> Values.item(Values.list(value), 0L);
            case "last" -> Values.item(Values.list(value), -1L);
            case "join" -> joined(value, first == null ? "" : (String) first, (String) named.get("attribute"));
            case "default", "d" -> otherwise(value, arguments, named);
            case "tojson" -> PythonJson.write(value, arguments.isEmpty() ? named.get("indent") : first);
            case "int" -> whole(value, first);
            case "float" -> fraction(value, first);
            case "abs" -> Values.order(value, 0L) < 0 ? Values.calculate("-", 0L, value) : value;
            case "sum" ->
                items(value).stream().map(item -> (Object) item).reduce(0L, (a, b) -> Values.calculate("+", a, b));
            case "min" -> items(value).isEmpty() ? new Undefined("min") : Collections.min(items(value), Filters::order);
            case "max" -> items(value).isEmpty() ? new Undefined("max") : Collections.max(items(value), Filters::order);
            case "reverse" -> Values.slice(value, null, null, -1L);
            case "sort" ->
                items(value).stream()
                        .sorted(Filters::order)
                        .map(item -> (Object) item)
                        .toList();
            case "unique" ->
                items(value).stream()
                        .map(Values::key)
                        .distinct()
                        .map(item -> (Object) item)
                        .toList();
            case "dictsort" -> sortedEntries(value);
            case "map" -> mapped(value, arguments, named);
            case "select", "reject" -> chosen(value, name.equals("select"), null, arguments);
            default -> chosen(value, name.equals("selectattr"), (String) first, arguments.subList(1, arguments.size()));
        };
    }

    private static String text(@Nullable Object value) {
        String text = Values.text(value);
        Budget.characters(text.length());
        return text;
    }

    /** Counts a comparison as a step. */
    private static int order(@Nullable Object left, @Nullable Object right) {
        Budget.steps(1);
        return Values.order(left, right);
    }

    private static java.util.Collection<?> items(@Nullable Object value) {
        return value instanceof Undefined ? List.of() : Values.items(value);
    }

    /** Returns keys and values as pairs. */
    static List<Object> entries(Map<?, ?> map) {
        Budget.steps(map.size());
        List<Object> entries = new ArrayList<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            List<Object> pair = new ArrayList<>();
            pair.add(entry.getKey());
            pair.add(entry.getValue());
            entries.add(pair);
        }
        return entries;
    }

    private static List<Object> sortedEntries(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return entries(map).stream()
                    .sorted((a, b) -> order(Values.item(a, 0L), Values.item(b, 0L)))
                    .toList();
        }
        throw new JinjaException("only a dictionary has entries to sort");
    }

    private static long length(@Nullable Object value) {
        if (value instanceof String text) {
            Budget.characters(text.length());
            return text.codePointCount(0, text.length());
        }
        return items(value).size();
    }

    private static String joined(@Nullable Object value, String separator, @Nullable String attribute) {
        StringBuilder joined = new StringBuilder();
        String before = "";
        for (Object item : items(value)) {
            Budget.append(joined, before);
            Budget.append(joined, Values.text(attribute == null ? item : Values.item(item, attribute)));
            before = separator;
        }
        return joined.toString();
    }

    private static @Nullable Object otherwise(
            @Nullable Object value, List<Object> arguments, Map<String, Object> named) {
        boolean ofAnything = Values.isTrue(arguments.size() > 1 ? arguments.get(1) : named.get("boolean"));
        boolean missing = value instanceof Undefined || (ofAnything && !Values.isTrue(value));
        Object given = arguments.isEmpty() ? named.getOrDefault("default_value", "") : arguments.get(0);
        return missing ? given : value;
    }

    private static @Nullable Object whole(@Nullable Object value, @Nullable Object otherwise) {
        try {
            return value instanceof Number number
                    ? number.longValue()
                    : Long.parseLong(text(value).strip());
        } catch (NumberFormatException e) {
            return otherwise == null ? 0L : otherwise;
        }
    }

    private static double fraction(@Nullable Object value, @Nullable Object otherwise) {
        try {
            return value instanceof Number number
                    ? number.doubleValue()
                    : Double.parseDouble(text(value).strip());
        } catch (NumberFormatException e) {
            return otherwise instanceof Number number ? number.doubleValue() : 0.0;
        }
    }

    /** Puts a number of spaces, or a text, before each line that is not empty. */
    private static String indented(String text, List<Object> arguments, Map<String, Object> named) {
        Object width = arguments.isEmpty() ? named.getOrDefault("width", 4L) : arguments.get(0);
        boolean first = Values.isTrue(arguments.size() > 1 ? arguments.get(1) : named.get("first"));
        String space = width instanceof String given
                ? given
                : " ".repeat((int) Math.max(0, Math.min(1000, Values.integer(width))));
        StringBuilder indented = new StringBuilder(first ? space : "");
        int from = 0;
        for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
            Budget.append(indented, text.substring(from, at + 1));
            from = at + 1;
            if (from < text.length() && text.charAt(from) != '\n') {
                Budget.append(indented, space);
            }
        }
        Budget.append(indented, text.substring(from));
        return indented.toString();
    }

    private static List<Object> mapped(@Nullable Object value, List<Object> arguments, Map<String, Object> named) {
        List<Object> mapped = new ArrayList<>();
        if (arguments.isEmpty()) {
            for (Object item : items(value)) {
                Object found = Values.item(item, named.get("attribute"));
                mapped.add(found instanceof Undefined && named.containsKey("default") ? named.get("default") : found);
            }
            return mapped;
        }
        String filter = (String) arguments.get(0);
        check(filter);
        for (Object item : items(value)) {
            mapped.add(apply(filter, item, arguments.subList(1, arguments.size()), new LinkedHashMap<>()));
        }
        return mapped;
    }

    private static List<Object> chosen(
            @Nullable Object value, boolean wanted, @Nullable String attribute, List<Object> test) {
        List<Object> chosen = new ArrayList<>();
        for (Object item : items(value)) {
            Object tested = attribute == null ? item : Values.item(item, attribute);
            boolean holds;
            if (test.isEmpty()) {
                holds = Values.isTrue(tested);
            } else {
                Tests.check((String) test.get(0));
                holds = Tests.holds((String) test.get(0), tested, test.subList(1, test.size()));
            }
            if (holds == wanted) {
                chosen.add(item);
            }
        }
        return chosen;
    }
}
