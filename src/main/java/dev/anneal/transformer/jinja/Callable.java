package dev.anneal.transformer.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function, a macro or a method. */
interface Callable {
    @Nullable
    Object call(List<Object> arguments, Map<String, Object> named);
}
