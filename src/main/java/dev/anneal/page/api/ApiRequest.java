package dev.anneal.page.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/** A GET of the API that a page makes: it has its own path, query, headers and attributes, and the connection of the page. */
final class ApiRequest extends HttpServletRequestWrapper {
    private final String path;
    private final Map<String, String[]> parameters = new LinkedHashMap<>();
    private final Map<String, Object> attributes = new HashMap<>();
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    ApiRequest(HttpServletRequest page, String path, @Nullable String... query) {
        super(page);
        this.path = path;
        for (int i = 0; i < query.length; i += 2) {
            String value = query[i + 1];
            if (value != null) {
                parameters.put(String.valueOf(query[i]), new String[] {value});
            }
        }
        headers.put("Accept", "application/json");
        Caller caller = Caller.current();
        if (caller.serverAdmin()) {
            headers.put(Caller.PROJECT_HEADER, caller.project());
        }
        AuthenticationResult.of(page).keepIn(this);
    }

    @Override
    public String getMethod() {
        return "GET";
    }

    @Override
    public DispatcherType getDispatcherType() {
        return DispatcherType.REQUEST;
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    @Override
    public String getServletPath() {
        return UriUtils.decode(path, UTF_8);
    }

    @Override
    public @Nullable String getQueryString() {
        if (parameters.isEmpty()) {
            return null;
        }
        StringJoiner query = new StringJoiner("&");
        parameters.forEach((name, values) -> query.add(name + "=" + UriUtils.encode(values[0], UTF_8)));
        return query.toString();
    }

    @Override
    public @Nullable String getParameter(String name) {
        String[] values = parameters.get(name);
        return values == null ? null : values[0];
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        return Collections.unmodifiableMap(parameters);
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(parameters.keySet());
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        return parameters.get(name);
    }

    @Override
    public @Nullable String getHeader(String name) {
        return headers.get(name);
    }

    @Override
    public long getDateHeader(String name) {
        return -1;
    }

    @Override
    public int getIntHeader(String name) {
        return -1;
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        String value = headers.get(name);
        return value == null ? Collections.emptyEnumeration() : Collections.enumeration(Collections.singleton(value));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(headers.keySet());
    }

    /** An answer that arrives later would arrive in the place of the page. */
    @Override
    public boolean isAsyncSupported() {
        return false;
    }

    @Override
    public @Nullable String getContentType() {
        return null;
    }

    @Override
    public int getContentLength() {
        return 0;
    }

    @Override
    public long getContentLengthLong() {
        return 0;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return attributes.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        return Collections.enumeration(attributes.keySet());
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }
}
