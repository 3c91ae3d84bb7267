package dev.anneal.page.session;

import dev.anneal.security.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A call of the API by the page: the same request without its prefix, with the project of the session, and without the headers that
 * would name another caller.
 */
final class GatewayRequest extends HttpServletRequestWrapper {
    private static final Set<String> HIDDEN = lowerCase("authorization", "cookie", Caller.PROJECT_HEADER);

    private final String path;
    private final @Nullable String project;

    /** @param project the project that the session's caller, an admin of the server, works in; null if it is the key's own */
    GatewayRequest(HttpServletRequest request, String path, @Nullable String project) {
        super(request);
        this.path = path;
        this.project = project;
    }

    private static Set<String> lowerCase(String... names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        Collections.addAll(set, names);
        return set;
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    @Override
    public StringBuffer getRequestURL() {
        String url = super.getRequestURL().toString();
        return new StringBuffer(url.substring(0, url.indexOf('/', url.indexOf("://") + 3))).append(path);
    }

    @Override
    public String getServletPath() {
        return super.getServletPath().substring(SessionFilter.ROOT.length());
    }

    @Override
    public @Nullable String getHeader(String name) {
        return name.equalsIgnoreCase(Caller.PROJECT_HEADER)
                ? project
                : HIDDEN.contains(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        if (HIDDEN.contains(name)) {
            String value = getHeader(name);
            return value == null ? Collections.emptyEnumeration() : Collections.enumeration(Set.of(value));
        }
        return super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(Collections.list(super.getHeaderNames()));
        names.removeAll(HIDDEN);
        if (project != null) {
            names.add(Caller.PROJECT_HEADER);
        }
        return Collections.enumeration(names);
    }
}
