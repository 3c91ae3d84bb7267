package dev.anneal.transformer.jinja;

import org.jspecify.annotations.Nullable;

/** Something with a value: a string, long, double, boolean, list, map, null, {@link Callable} or {@link Undefined}. */
interface Expression {
    @Nullable
    Object value(Scope scope);
}
