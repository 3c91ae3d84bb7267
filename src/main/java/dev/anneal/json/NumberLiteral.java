package dev.anneal.json;

import tools.jackson.databind.node.DoubleNode;

/** A number whose text is the one of the file, such as 1.10 or 1e5, and not the shortest one of its value. */
public final class NumberLiteral extends DoubleNode {
    private static final long serialVersionUID = 1;

    private final String text;

    public NumberLiteral(String text, double value) {
        super(value);
        this.text = text;
    }

    @Override
    protected String _asString() {
        return text;
    }
}
