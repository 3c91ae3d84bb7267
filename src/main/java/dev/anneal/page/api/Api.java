package dev.anneal.page.api;

import dev.anneal.json.Json;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.security.Operation;
import dev.anneal.security.OperationPermissions;
import dev.anneal.web.Problem;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.JsonNode;

/**
 * Reads what the API answers to the caller of the page, within the process. The page knows nothing else, so it can show nothing that
 * the API would refuse.
 */
@Component
@ForRole("api")
public class Api {
    private final DispatcherServlet servlet;

    Api(DispatcherServlet servlet) {
        this.servlet = servlet;
    }

    /** Returns a path with ids or names in it, each of which becomes one segment. */
    public static String path(String pattern, String... ids) {
        Object[] segments = new Object[ids.length];
        for (int i = 0; i < ids.length; i++) {
            segments[i] = UriUtils.encode(ids[i], java.nio.charset.StandardCharsets.UTF_8);
        }
        return pattern.formatted(segments);
    }

    /**
     * Returns the answer to a GET. Throws the problem if it is one.
     *
     * @param query names and values in turn; one whose value is null is left out
     */
    public JsonNode get(String path, @Nullable String... query) {
        ServletRequestAttributes outer =
                (ServletRequestAttributes) Objects.requireNonNull(RequestContextHolder.getRequestAttributes());
        HttpServletRequest page = outer.getRequest();
        HttpServletResponse answer = Objects.requireNonNull(outer.getResponse());
        ApiRequest request = new ApiRequest(page, path, query);
        Operation operation = OperationPermissions.of(request).orElseThrow(() -> Problem.unknownPath(path, ""));
        Caller caller = Caller.current();
        if (!operation.need().allows(caller)) {
            throw operation.need().missing("This page", caller);
        }
        ApiResponse response = new ApiResponse(answer);
        try {
            servlet.service(request, response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ServletException e) {
            throw new IllegalStateException(e);
        }
        byte[] body = response.body();
        JsonNode json = body.length == 0 ? Json.MAPPER.nullNode() : Json.MAPPER.readTree(body);
        if (response.getStatus() >= 400) {
            throw new Problem(
                    HttpStatus.valueOf(response.getStatus()),
                    json.path("code").asString("error"),
                    json.path("detail").asString(Problem.INTERNAL_ERROR),
                    List.of(),
                    Map.of());
        }
        return json;
    }
}
