package dev.anneal.page.layout;

import dev.anneal.page.session.FormToken;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Html;
import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/** Forms that call an operation of the API. A caller who lacks the role of an operation does not see its form. */
public final class Forms {
    private final Html html;
    private final Session session;

    public Forms(Html html, Session session) {
        this.html = html;
        this.session = session;
    }

    /** Returns whether the caller has the role that an operation requires. */
    public static boolean allows(Session session, String operation) {
        return OperationPermissions.named(operation).need().allows(session.caller());
    }

    /**
     * Begins a form, if the caller may send it. Returns whether it did; the caller then writes fields and calls {@link #close}.
     *
     * @param then the page that follows, or null for that of what was created
     * @param question what the user must confirm, or null if nothing is lost
     */
    public boolean open(String operation, String path, @Nullable String then, @Nullable String question) {
        Operation called = OperationPermissions.named(operation);
        String plain = path.replaceFirst("\\?.*", "");
        if (!called.path().matches(PathContainer.parsePath(plain))) {
            throw new IllegalArgumentException(operation + " has not the path " + path);
        }
        if (!called.need().allows(session.caller())) {
            return false;
        }
        html.open(
                "form",
                "method",
                "post",
                "action",
                "/ui" + path,
                "data-call",
                called.method().name(),
                "data-then",
                then,
                "data-question",
                question);
        FormToken.write(html, session.formToken());
        return true;
    }

    public void close() {
        html.close("form");
    }

    /** Writes a button that calls an operation, if the caller may. */
    public void button(String operation, String path, String label, String then, @Nullable String question) {
        if (open(operation, path, then, question)) {
            html.element("button", label, "type", "submit", "class", question == null ? null : "danger");
            close();
        }
    }
}
