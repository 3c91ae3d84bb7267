package dev.anneal.transformer.jinja;

import dev.anneal.json.Json;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** JSON with the spaces of Python's {@code json.dumps}. */
final class PythonJson {
    private final StringBuilder out = new StringBuilder();
    /** Spaces for each level; negative for a single line. */
    private final int indent;

    private PythonJson(int indent) {
        this.indent = indent;
    }

    static String write(@Nullable Object value, @Nullable Object indent) {
        PythonJson json = new PythonJson(indent == null ? -1 : (int) Math.min(100, Values.integer(indent)));
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(@Nullable Object value, int depth) {
        Budget.depth(depth);
        Budget.steps(1);
        if (value instanceof Map<?, ?> map) {
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            list("{", "}", entries, depth, entry -> {
                Map.Entry<?, ?> pair = (Map.Entry<?, ?>) Objects.requireNonNull(entry);
                Budget.steps(10);
                Budget.append(out, Json.write(String.valueOf(pair.getKey())));
                out.append(": ");
                write(pair.getValue(), depth + 1);
            });
        } else if (value instanceof Collection<?> items) {
            list("[", "]", items.iterator(), depth, item -> write(item, depth + 1));
        } else if (value instanceof Undefined missing) {
            throw new JinjaException(missing.message());
        } else if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
            Budget.steps(10); // the mapper takes longer than other steps
            Budget.append(out, value == null ? "null" : Json.write(value));
        } else {
            throw new JinjaException("a value cannot be written as JSON");
        }
    }

    private interface Item {
        void write(@Nullable Object item);
    }

    private void list(String open, String close, Iterator<?> items, int depth, Item item) {
        out.append(open);
        boolean empty = !items.hasNext();
        while (items.hasNext()) {
            newLine(depth + 1);
            item.write(items.next());
            if (items.hasNext()) {
                Budget.append(out, indent < 0 ? ", " : ",");
            }
        }
        if (!empty) {
            newLine(depth);
        }
        out.append(close);
    }

    private void newLine(int depth) {
        if (indent >= 0) {
            Budget.append(out, "\n" + " ".repeat(indent * depth));
        }
    }
}
