package dev.anneal.transformer.jinja;

/** The value of what is not there: printed as nothing, false, and of no other use. */
record Undefined(String name) {
    String message() {
        return "'" + name + "' is undefined";
    }
}
