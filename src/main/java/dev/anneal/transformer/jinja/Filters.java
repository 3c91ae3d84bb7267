package dev.anneal.transformer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The filters, which follow a {@code |}. */
final class Filters {
    private static final Set<String> KNOWN = Set.of(
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
            throw new JinjaException("the filter '" + name + "' is not supported");
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
            case "replace" -> text(value).replace((String) first, (String) arguments.get(1));
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
            case "float" ->
                value instanceof Number number
                        ? number.doubleValue()
                        : Double.parseDouble(text(value).strip());
            case "abs" -> Values.order(value, 0L) < 0 ? Values.calculate("-", 0L, value) : value;
            case "sum" ->
                items(value).stream().map(item -> (Object) item).reduce(0L, (a, b) -> Values.calculate("+", a, b));
            case "min" -> Collections.min(items(value), Values::order);
            case "max" -> Collections.max(items(value), Values::order);
            case "reverse" -> Values.slice(value, null, null, -1L);
            case "sort" ->
                items(value).stream()
                        .sorted(Values::order)
                        .map(item -> (Object) item)
                        .toList();
            case "unique" ->
                items(value).stream().distinct().map(item -> (Object) item).toList();
            case "dictsort" -> sortedEntries(value);
            case "map" -> mapped(value, arguments, named);
            case "select", "reject" -> chosen(value, name.equals("select"), null, arguments);
            default -> chosen(value, name.equals("selectattr"), (String) first, arguments.subList(1, arguments.size()));
        };
    }

    /** Refuses an undefined value; to iterate over one is allowed. */
    private static String text(@Nullable Object value) {
        return Values.text(value);
    }

    private static java.util.Collection<?> items(@Nullable Object value) {
        return value instanceof Undefined ? List.of() : Values.items(value);
    }

    /** Returns keys and values as pairs. */
    static List<Object> entries(Map<?, ?> map) {
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
                    .sorted((a, b) -> Values.order(Values.item(a, 0L), Values.item(b, 0L)))
                    .toList();
        }
        throw new JinjaException("only a dictionary has entries to sort");
    }

    private static long length(@Nullable Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        }
        return items(value).size();
    }

    private static String joined(@Nullable Object value, String separator, @Nullable String attribute) {
        return items(value).stream()
                .map(item -> text(attribute == null ? item : Values.item(item, attribute)))
                .collect(Collectors.joining(separator));
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

    private static String indented(String text, List<Object> arguments, Map<String, Object> named) {
        Object width = arguments.isEmpty() ? named.getOrDefault("width", 4L) : arguments.get(0);
        boolean first = Values.isTrue(arguments.size() > 1 ? arguments.get(1) : named.get("first"));
        String space = width instanceof String given ? given : " ".repeat((int) Math.min(1000, Values.integer(width)));
        String indented = text.replaceAll("\n(?!\n|$)", "\n" + space);
        return first ? space + indented : indented;
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
