package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a template into tokens. White space is handled as with {@code trim_blocks} and {@code lstrip_blocks}. */
final class Lexer {
    private static final Pattern OPEN = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW =
            Pattern.compile("\\{%-?\\s*raw\\s*(-?)%}(.*?)\\{%(-?)\\s*endraw\\s*(-?)%}", Pattern.DOTALL);
    private static final Pattern IN_TAG = Pattern.compile(
            "(?<space>\\s+)|(?<float>\\d+\\.\\d+(?:[eE][+-]?\\d+)?)"
                    + "|(?<integer>\\d+)|(?<name>[A-Za-z_]\\w*)|(?<string>'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\")"
                    + "|(?<operator>\\*\\*|//|==|!=|<=|>=|[-+*/%~<>=|.,:()\\[\\]{}])",
            Pattern.DOTALL);

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        Lexer lexer = new Lexer(template.replace("\r\n", "\n").replaceFirst("\n$", ""));
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            Matcher open = OPEN.matcher(source);
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
        String text = raw.group(2);
        text = raw.group(1).isEmpty() ? text.replaceFirst("^\n", "") : text.stripLeading();
        add(Kind.TEXT, raw.group(3).isEmpty() ? text : text.stripTrailing());
        after(raw.end(), !raw.group(4).isEmpty(), true);
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
            boolean signed = depth == 0 && (source.startsWith("-" + close, at) || source.startsWith("+" + close, at));
            if (signed || (depth == 0 && source.startsWith(close, at))) {
                add(Kind.CLOSE, "");
                boolean plain = !signed && kind == '%';
                after(at + (signed ? 3 : 2), signed && source.charAt(at) == '-', plain);
                return;
            }
            Matcher token = IN_TAG.matcher(source).region(at, source.length());
            if (!token.lookingAt()) {
                throw new JinjaException(
                                at < source.length() ? "unexpected '" + source.charAt(at) + "'" : "a tag is not closed")
                        .inLine(line());
            }
            for (Kind each : List.of(Kind.FLOAT, Kind.INTEGER, Kind.NAME, Kind.STRING, Kind.OPERATOR)) {
                String text = token.group(each.name().toLowerCase(java.util.Locale.ROOT));
                if (text != null) {
                    add(each, each == Kind.STRING ? unescaped(text.substring(1, text.length() - 1)) : text);
                    depth += "([{".contains(text) ? 1 : ")]}".contains(text) ? -1 : 0;
                }
            }
            at = token.end();
        }
    }

    private static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        return Pattern.compile("\\\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", Pattern.DOTALL)
                .matcher(text)
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

    private int line() {
        return 1
                + (int) source.substring(0, Math.min(at, source.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line()));
    }
}
