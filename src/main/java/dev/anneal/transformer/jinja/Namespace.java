package dev.anneal.transformer.jinja;

import java.util.Map;

/** Variables that an inner part of a template may change for the outer parts. */
record Namespace(Map<String, Object> fields) {}
