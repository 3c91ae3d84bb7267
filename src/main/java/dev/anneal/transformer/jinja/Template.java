package dev.anneal.transformer.jinja;

import java.util.List;
import java.util.Map;

/** A template that was read; it can be rendered by many threads at once. */
public final class Template {
    private final List<Node> nodes;

    private Template(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Reads a template; one that is wrong, or uses what is not known here, is a {@link JinjaException}. */
    public static Template of(String source) {
        return new Template(new Parser(Lexer.tokens(source)).template());
    }

    /** The text for variables: strings, numbers, booleans, lists and maps of those, null. */
    public String render(Map<String, Object> variables) {
        StringBuilder out = new StringBuilder();
        Node.all(nodes, new Scope(variables), out);
        return out.toString();
    }
}
