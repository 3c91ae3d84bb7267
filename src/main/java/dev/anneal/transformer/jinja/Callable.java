package dev.anneal.transformer.jinja;

import java.util.List;
import java.util.Map;

/** A function, a macro or a method. */
interface Callable {
    Object call(List<Object> arguments, Map<String, Object> named);
}
