package dev.anneal.transformer.jinja;

import java.util.List;
import java.util.Map;

/** A parsed template. It is safe for use by many threads. */
public final class Template {
    private final List<Node> nodes;

    private Template(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Parses a template; throws a {@link JinjaException} if it is invalid or uses an unsupported feature. */
    public static Template of(String source) {
        return new Template(new Parser(Lexer.tokens(source)).template());
    }

    /** Renders the template with variables: strings, numbers, booleans, lists and maps of those, null. */
    public String render(Map<String, Object> variables) {
        StringBuilder out = new StringBuilder();
        Node.all(nodes, new Scope(variables), out);
        return out.toString();
    }
}
