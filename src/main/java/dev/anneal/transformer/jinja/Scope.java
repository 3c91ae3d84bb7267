package dev.anneal.transformer.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables that a part of a template sees, inner before outer ones. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Object> variables;

    Scope(Map<String, Object> variables) {
        this.outer = null;
        this.variables = new HashMap<>(variables);
    }

    private Scope(Scope outer) {
        this.outer = outer;
        this.variables = new HashMap<>();
    }

    Scope inner() {
        return new Scope(this);
    }

    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            if (scope.variables.containsKey(name)) {
                return scope.variables.get(name);
            }
        }
        Object known = Functions.KNOWN.get(name);
        return known != null ? known : new Undefined(name);
    }

    void set(String name, @Nullable Object value) {
        variables.put(name, value);
    }
}
