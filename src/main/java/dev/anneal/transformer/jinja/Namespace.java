package dev.anneal.transformer.jinja;

import java.util.Map;

/** Variables that an inner part of a template may change for the outer parts. It may contain itself, so it equals only itself. */
final class Namespace {
    private final Map<String, Object> fields;

    Namespace(Map<String, Object> fields) {
        this.fields = fields;
    }

    Map<String, Object> fields() {
        return fields;
    }
}
