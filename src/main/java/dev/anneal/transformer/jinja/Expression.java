package dev.anneal.transformer.jinja;

/** Something with a value: a string, long, double, boolean, list, map, null, {@link Callable} or {@link Undefined}. */
interface Expression {
    Object value(Scope scope);
}
