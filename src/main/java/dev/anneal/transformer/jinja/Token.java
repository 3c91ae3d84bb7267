package dev.anneal.transformer.jinja;

/** A piece of a template; {@code line} counts from 1. */
record Token(Kind kind, String text, int line) {
    enum Kind {
        TEXT,
        PRINT,
        BLOCK,
        /** Ends an expression to print, or a tag. */
        CLOSE,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind wanted, String text) {
        return kind == wanted && this.text.equals(text);
    }
}
