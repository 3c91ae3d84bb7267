package dev.anneal.transformer.jinja;

import dev.anneal.json.Json;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON with the spaces of Python's {@code json.dumps}. */
final class PythonJson {
    private PythonJson() {}

    static String write(@Nullable Object value, @Nullable Object indent) {
        return write(value, indent == null ? -1 : (int) Math.min(100, Values.integer(indent)), 0);
    }

    private static String write(@Nullable Object value, int indent, int depth) {
        if (value instanceof Map<?, ?> map) {
            Function<Map.Entry<?, ?>, String> entry =
                    e -> Json.write(String.valueOf(e.getKey())) + ": " + write(e.getValue(), indent, depth + 1);
            return list(map.entrySet(), entry, "{", "}", indent, depth);
        } else if (value instanceof Collection<?> items) {
            return list(items, item -> write(item, indent, depth + 1), "[", "]", indent, depth);
        } else if (value instanceof Undefined missing) {
            throw new JinjaException(missing.message());
        }
        return value == null ? "null" : Json.write(value);
    }

    private static <T> String list(
            Collection<? extends T> items,
            Function<T, String> write,
            String open,
            String close,
            int indent,
            int depth) {
        if (items.isEmpty()) {
            return open + close;
        }
        if (indent < 0) {
            return items.stream().map(write).collect(Collectors.joining(", ", open, close));
        }
        String line = "\n" + " ".repeat(indent * (depth + 1));
        String last = "\n" + " ".repeat(indent * depth);
        return items.stream().map(write).collect(Collectors.joining("," + line, open + line, last + close));
    }
}
