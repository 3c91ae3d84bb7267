package dev.anneal.page.session;

import dev.anneal.report.html.Html;

/** The field with which a form proves that it comes from a page of this server. */
public final class FormToken {
    private FormToken() {}

    /** Returns the token that belongs to the secret of a cookie. */
    public static String of(String secret) {
        return FormGuard.token(secret);
    }

    public static void write(Html html, String token) {
        html.empty("input", "type", "hidden", "name", FormGuard.FIELD, "value", token);
    }
}
