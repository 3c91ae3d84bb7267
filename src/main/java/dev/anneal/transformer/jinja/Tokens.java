package dev.anneal.transformer.jinja;

import dev.anneal.transformer.jinja.Token.Kind;
import java.util.List;

/** Tokens with a current position. */
public final class Tokens {
    private final List<Token> tokens;
    private int at;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    /** Returns the line of the token that was read last. */
    int line() {
        return tokens.get(Math.max(0, Math.min(at, tokens.size()) - 1)).line();
    }

    Token next() {
        Token token = peek();
        at++;
        return token;
    }

    boolean isNext(Kind kind, String text) {
        return peek().is(kind, text);
    }

    /** Skips the next token if it matches. */
    boolean skip(Kind kind, String text) {
        boolean there = isNext(kind, text);
        at += there ? 1 : 0;
        return there;
    }

    Token expect(Kind kind) {
        if (peek().kind() != kind) {
            throw new JinjaException("unexpected " + JinjaException.quote(peek().text()));
        }
        return next();
    }

    void expect(Kind kind, String text) {
        if (!skip(kind, text)) {
            throw new JinjaException("'" + text + "' is missing before " + JinjaException.quote(peek().text()));
        }
    }
}
