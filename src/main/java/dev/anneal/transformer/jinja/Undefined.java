package dev.anneal.transformer.jinja;

/** The value of a missing variable or item: it renders as nothing and is false; any other use fails. */
record Undefined(String name) {
    String message() {
        return JinjaException.quote(name) + " is undefined";
    }
}
