package dev.anneal.transformer.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The variable {@code loop}. */
final class LoopState {
    private LoopState() {}

    static Map<String, Object> of(List<Object> items, int i) {
        int count = items.size();
        Map<String, Object> loop = new HashMap<>();
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", (long) count - i);
        loop.put("revindex0", count - i - 1L);
        loop.put("first", i == 0);
        loop.put("last", i == count - 1);
        loop.put("length", (long) count);
        loop.put("previtem", i > 0 ? items.get(i - 1) : new Undefined("previtem"));
        loop.put("nextitem", i < count - 1 ? items.get(i + 1) : new Undefined("nextitem"));
        loop.put("cycle", (Callable) (arguments, named) -> arguments.get(i % arguments.size()));
        return loop;
    }
}
