package dev.anneal.report.html;

import dev.anneal.text.Cut;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Writes HTML, and SVG within it. Every text and every value of an attribute is escaped here, so that no caller can write markup that
 * a user chose. Names of elements and attributes are constants of the callers.
 */
public final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins an element. The attributes are names and values in turn; one whose value is null is left out. */
    public Html open(String element, @Nullable String... attributes) {
        begin(element, attributes).append('>');
        open.push(element);
        return this;
    }

    /** Ends the innermost element, which must be this one. */
    public Html close(String element) {
        String innermost = open.isEmpty() ? "nothing" : open.pop();
        if (!innermost.equals(element)) {
            throw new IllegalStateException(innermost + " is open, not " + element);
        }
        out.append("</").append(element).append('>');
        return this;
    }

    /** Writes an element that contains a text. */
    public Html element(String element, String text, @Nullable String... attributes) {
        return open(element, attributes).text(text).close(element);
    }

    /** Writes an element without content and end, such as {@code meta}, or a shape of SVG. */
    public Html empty(String element, @Nullable String... attributes) {
        begin(element, attributes).append("/>");
        return this;
    }

    public Html text(String text) {
        escape(text);
        return this;
    }

    /** Writes a text of a user, cut to a number of characters. Its direction does not change that of the words around it. */
    public Html user(String text, int most) {
        return element("bdi", cut(text, most));
    }

    /** Writes the one style sheet of the page, which is a file of this program. */
    public Html style(String css) {
        out.append("<style>").append(css).append("</style>");
        return this;
    }

    /** Returns the page. Throws if an element is open. */
    public String page() {
        if (!open.isEmpty()) {
            throw new IllegalStateException(open.peek() + " is open");
        }
        return "<!DOCTYPE html>\n" + out;
    }

    /** Returns the beginning of a text, with … if something is left out. */
    public static String cut(String text, int most) {
        return Cut.isNeeded(text, most) ? Cut.to(text, most - 1).stripTrailing() + "…" : text;
    }

    private StringBuilder begin(String element, @Nullable String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            String value = attributes[i + 1];
            if (value != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                escape(value);
                out.append('"');
            }
        }
        return out;
    }

    private void escape(String text) {
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isWritable(c) ? c : 0xFFFD);
            }
        });
    }

    /** Returns whether a page may have a character: no control character but white space, no noncharacter, and no half of a pair. */
    private static boolean isWritable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c == '\n' || c == '\t' || c == '\r';
            case Character.SURROGATE -> false;
            default -> (c & 0xFFFE) != 0xFFFE && (c < 0xFDD0 || c > 0xFDEF);
        };
    }
}
