package dev.anneal.transformer.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables that a part of a template sees, inner before outer ones, and the work that has been done. */
final class Scope {
    private static final int MAX_STEPS = 5_000_000;
    private static final int MAX_CHARACTERS = 32 << 20;
    private static final int MAX_DEPTH = 100;

    private static final class Work {
        int steps;
        int depth;
    }

    private final @Nullable Scope outer;
    private final Map<String, Object> variables;
    private final Work work;

    Scope(Map<String, Object> variables) {
        this.outer = null;
        this.variables = new HashMap<>(variables);
        this.work = new Work();
    }

    private Scope(Scope outer) {
        this.outer = outer;
        this.variables = new HashMap<>();
        this.work = outer.work;
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

    /** Counts a step. Templates come from strangers and must not keep a server busy. */
    void step() {
        if (++work.steps > MAX_STEPS) {
            throw new JinjaException("the template needs too many steps");
        }
    }

    void enter() {
        if (++work.depth > MAX_DEPTH) {
            throw new JinjaException("calls of macros are nested too deeply");
        }
    }

    void leave() {
        work.depth--;
    }

    static void checkLength(long characters) {
        if (characters > MAX_CHARACTERS) {
            throw new JinjaException("the rendered text is too long");
        }
    }
}
