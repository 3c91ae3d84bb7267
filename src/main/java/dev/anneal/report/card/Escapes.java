package dev.anneal.report.card;

import dev.anneal.report.html.Html;

/** Writes texts of users into YAML and Markdown, so that they are neither structure nor markup. */
final class Escapes {
    /** The punctuation of Markdown, of its tables, links, formulas and mentions. */
    private static final String ACTIVE = "\\`*_{}[]()#!|~@$";

    private Escapes() {}

    /** Returns a text as a quoted string of YAML. All but printable ASCII is escaped, so that each reader accepts it. */
    static String yaml(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c >= ' ' && c <= '~') {
                quoted.appendCodePoint(c);
            } else if (c >= 0xD800 && c <= 0xDFFF) {
                quoted.append("\\uFFFD"); // half of a pair
            } else {
                quoted.append(c > 0xFFFF ? "\\U%08X".formatted(c) : "\\u%04X".formatted(c));
            }
        });
        return quoted.append('"').toString();
    }

    /** Returns the beginning of a user's text in one line of Markdown, which reads as it was written. It must not begin a line. */
    static String markdown(String text) {
        return sentence(Html.cut(text.strip(), 200));
    }

    /** Does the same with the whole of a sentence in which the texts of users are short. */
    static String sentence(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                default -> {
                    if (ACTIVE.indexOf(c) >= 0) {
                        escaped.append('\\').appendCodePoint(c);
                    } else if (Character.isISOControl(c) || Character.isWhitespace(c) || c >= 0xD800 && c <= 0xDFFF) {
                        escaped.append(' ');
                    } else {
                        escaped.appendCodePoint(c);
                    }
                }
            }
        });
        // Addresses would become links.
        return escaped.toString().replace("://", ":\\/\\/").replaceAll("(?i)(www)\\.", "$1\\\\.");
    }
}
