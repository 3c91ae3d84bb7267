package dev.anneal.transformer.jinja;

import java.util.List;
import java.util.Map;

/** A parsed template. It is safe for use by many threads. */
public final class Template {
    /**
     * The variable with the characters to write before and after a {@code generation} block. No template can name it, because
     * it contains a space.
     */
    public static final String MARKS = "generation marks";

    private final List<Node> nodes;

    private Template(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Parses a template; throws a {@link JinjaException} if it is invalid, too large or uses an unsupported feature. */
    public static Template of(String source) {
        if (source.length() > Budget.MAX_TEMPLATE) {
            throw new JinjaException(
                    "the template has " + source.length() + " characters. The limit is " + Budget.MAX_TEMPLATE + ".");
        }
        try {
            return new Template(new Parser(Lexer.tokens(source)).template());
        } catch (StackOverflowError e) {
            throw Budget.tooDeep();
        }
    }

    /**
     * Renders the template with variables: strings, numbers, booleans, lists and maps of those, null. Throws a
     * {@link JinjaException} if that fails or needs too much time or memory.
     */
    public String render(Map<String, Object> variables) {
        return Budget.render(() -> {
            StringBuilder out = new StringBuilder();
            try {
                Node.all(nodes, new Scope(variables), out);
            } catch (RuntimeException e) {
                throw JinjaException.of(e);
            }
            return out.toString();
        });
    }
}
