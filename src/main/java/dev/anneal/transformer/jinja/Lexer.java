package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens, in time linear in its length. White space is handled as with {@code trim_blocks} and
 * {@code lstrip_blocks}.
 */
final class Lexer {
    private static final Pattern OPEN = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW = Pattern.compile("\\{%-?\\s*raw\\s*(-?)%}");
    private static final Pattern END_RAW = Pattern.compile("\\{%(-?)\\s*endraw\\s*(-?)%}");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", Pattern.DOTALL);
    private static final List<String> LONG_OPERATORS = List.of("**", "//", "==", "!=", "<=", ">=");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private static final int MAX_NAME = 1_000;

    private int at;
    /** The number of the line of the character at {@code counted}. */
    private int line = 1;

    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String lines = template.replace("\r\n", "\n");
        Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        Matcher open = OPEN.matcher(source);
        while (at < source.length()) {
            int next = open.find(at) ? open.start() : source.length();
            char kind = next < source.length() ? source.charAt(next + 1) : ' ';
            text(source.substring(at, next), next, kind);
            at = next;
            if (kind == '#') {
                comment();
            } else if (kind == '%' && raw()) {
                continue;
            } else if (kind != ' ') {
                tag(kind);
            }
        }
        add(Kind.END, "");
    }

    /** Reads the text up to a tag, without the white space that the tag removes. */
    private void text(String text, int next, char kind) {
        char sign = next + 2 < source.length() ? source.charAt(next + 2) : ' ';
        String left = text;
        if (kind != ' ' && sign == '-') {
            left = text.stripTrailing();
        } else if ((kind == '%' || kind == '#') && sign != '+') {
            String spaces = text.substring(text.lastIndexOf('\n') + 1);
            boolean startsLine = text.contains("\n") || at == 0 || source.charAt(at - 1) == '\n';
            if (startsLine && spaces.isBlank()) {
                left = text.substring(0, text.length() - spaces.length());
            }
        }
        if (!left.isEmpty()) {
            add(Kind.TEXT, left);
        }
    }

    /** Continues after a tag and the white space that it removes. */
    private void after(int end, boolean strip, boolean trimNewline) {
        at = end;
        if (strip) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
        } else if (trimNewline && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at + 2);
        if (end < 0) {
            throw new JinjaException("a comment is not closed").inLine(line());
        }
        after(end + 2, source.charAt(end - 1) == '-', source.charAt(end - 1) != '+');
    }

    private boolean raw() {
        Matcher raw = RAW.matcher(source).region(at, source.length());
        if (!raw.lookingAt()) {
            return false;
        }
        Matcher end = END_RAW.matcher(source);
        if (!end.find(raw.end())) {
            throw new JinjaException("a tag 'raw' has no tag 'endraw'").inLine(line());
        }
        String text = source.substring(raw.end(), end.start());
        text = !raw.group(1).isEmpty() ? text.stripLeading() : text.startsWith("\n") ? text.substring(1) : text;
        add(Kind.TEXT, end.group(1).isEmpty() ? text : text.stripTrailing());
        after(end.end(), !end.group(2).isEmpty(), true);
        return true;
    }

    private void tag(char kind) {
        String close = kind == '{' ? "}}" : "%}";
        add(kind == '{' ? Kind.PRINT : Kind.BLOCK, "");
        at += 2;
        if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
            at++;
        }
        int depth = 0;
        while (true) {
            skipSpace();
            boolean signed = depth == 0 && (source.startsWith("-" + close, at) || source.startsWith("+" + close, at));
            if (signed || (depth == 0 && source.startsWith(close, at))) {
                add(Kind.CLOSE, "");
                boolean plain = !signed && kind == '%';
                after(at + (signed ? 3 : 2), signed && source.charAt(at) == '-', plain);
                return;
            }
            Token token = token();
            if (token.kind() == Kind.OPERATOR) {
                depth += "([{".contains(token.text()) ? 1 : ")]}".contains(token.text()) ? -1 : 0;
            }
        }
    }

    private void skipSpace() {
        while (at < source.length() && " \t\n\u000b\f\r".indexOf(source.charAt(at)) >= 0) {
            at++;
        }
    }

    /** Reads a token inside a tag. */
    private Token token() {
        if (at >= source.length()) {
            throw new JinjaException("a tag is not closed").inLine(line());
        }
        char first = source.charAt(at);
        if (first == '\'' || first == '"') {
            return string(first);
        } else if (isDigit(at)) {
            return number();
        } else if (isName(first)) {
            int end = at;
            while (end < source.length() && (isName(source.charAt(end)) || isDigit(end))) {
                end++;
            }
            if (end - at > MAX_NAME) { // each use of a name is a comparison
                throw new JinjaException("a name has more than " + MAX_NAME + " characters").inLine(line());
            }
            return upTo(end, Kind.NAME);
        }
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                return upTo(at + 2, Kind.OPERATOR);
            }
        }
        if ("-+*/%~<>=|.,:()[]{}".indexOf(first) >= 0) {
            return upTo(at + 1, Kind.OPERATOR);
        }
        throw new JinjaException("unexpected " + JinjaException.quote(Character.toString(source.codePointAt(at))))
                .inLine(line());
    }

    private Token string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new JinjaException("a string is not closed").inLine(line());
        }
        Token token = add(Kind.STRING, unescaped(source.substring(at + 1, end)));
        at = end + 1;
        return token;
    }

    private Token number() {
        int end = digits(at);
        if (end + 1 < source.length() && source.charAt(end) == '.' && isDigit(end + 1)) {
            end = digits(end + 1);
            int exponent = end;
            if (exponent < source.length() && "eE".indexOf(source.charAt(exponent)) >= 0) {
                exponent++;
                exponent += exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0 ? 1 : 0;
            }
            return upTo(exponent > end && isDigit(exponent) ? digits(exponent) : end, Kind.FLOAT);
        }
        return upTo(end, Kind.INTEGER);
    }

    private int digits(int from) {
        int end = from;
        while (isDigit(end)) {
            end++;
        }
        return end;
    }

    private boolean isDigit(int index) {
        return index < source.length() && source.charAt(index) >= '0' && source.charAt(index) <= '9';
    }

    private static boolean isName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private Token upTo(int end, Kind kind) {
        Token token = add(kind, source.substring(at, end));
        at = end;
        return token;
    }

    private static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        return ESCAPE.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(
                        switch (match.group(1).charAt(0)) {
                            case 'n' -> "\n";
                            case 't' -> "\t";
                            case 'r' -> "\r";
                            case '\n' -> "";
                            case '\\', '\'', '"' -> match.group(1);
                            case 'u', 'x' ->
                                match.group(1).length() > 1
                                        ? String.valueOf((char)
                                                Integer.parseInt(match.group(1).substring(1), 16))
                                        : match.group();
                            default -> match.group();
                        }));
    }

    /** Returns the line of the current position; each line is counted once. */
    private int line() {
        for (; counted < at && counted < source.length(); counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private Token add(Kind kind, String text) {
        Token token = new Token(kind, text, line());
        tokens.add(token);
        return token;
    }
}
