package dev.anneal.web;

import dev.anneal.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;

/** Writes a problem from a filter, where no exception handler is called. */
public final class ProblemWriter {
    private ProblemWriter() {}

    public static void write(Problem problem, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String path = request.getRequestURI(); // absent if the request was too malformed to have one
        ProblemDetail detail = ProblemExceptionHandler.body(problem, path == null ? "/" : path);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", detail.getType());
        body.put("title", detail.getTitle());
        body.put("status", detail.getStatus());
        body.put("detail", detail.getDetail());
        body.put("instance", detail.getInstance());
        body.putAll(detail.getProperties());
        ProblemCounter.count(detail);
        response.setStatus(detail.getStatus());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(Json.MAPPER.writeValueAsBytes(body));
    }
}
