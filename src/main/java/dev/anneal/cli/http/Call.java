package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Shell;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One HTTP call below {@code /api/v1}: the source of both the request and the curl command. */
public record Call(
        String method,
        String path,
        Map<String, String> headers,
        @Nullable JsonNode json,
        @Nullable Multipart form) {
    private static final String PROJECT = "Anneal-Project";

    public static Call get(String path) {
        return new Call("GET", path, Map.of(), null, null);
    }

    public static Call events(String path, @Nullable String lastEventId) {
        Map<String, String> headers = new TreeMap<>(Map.of("Accept", "text/event-stream"));
        if (lastEventId != null) {
            headers.put("Last-Event-ID", lastEventId);
        }
        return new Call("GET", path, headers, null, null);
    }

    public static Call post(String path) {
        return new Call("POST", path, Map.of(), null, null);
    }

    public static Call post(String path, JsonNode json) {
        return new Call("POST", path, Map.of("Content-Type", "application/json"), json, null);
    }

    public static Call delete(String path) {
        return new Call("DELETE", path, Map.of(), null, null);
    }

    public static Call upload(String path, Multipart form) {
        return new Call("POST", path, Map.of(), null, form);
    }

    /** Returns an id or name as one segment of a path. */
    public static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    URI uri(URI server) {
        return URI.create(server + "/api/v1" + path);
    }

    HttpRequest request(Target target, LongConsumer sent) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(target.server()))
                .header("Authorization", "Bearer " + target.key().secret());
        target.project().ifPresent(project -> request.header(PROJECT, project));
        headers.forEach(request::header);
        if (json != null) {
            request.method(method, BodyPublishers.ofString(json.toString()));
        } else if (form != null) {
            request.header("Content-Type", form.contentType()).method(method, form.publisher(sent));
        } else {
            request.method(method, BodyPublishers.noBody());
        }
        return request.build();
    }

    /** Returns the same call for a shell. The key is named, never shown. */
    String curl(Target target) {
        StringBuilder curl = new StringBuilder("curl -sS");
        if (headers.containsKey("Accept")) {
            curl.append(" --no-buffer");
        }
        if (method.equals("POST") && json == null && form == null) {
            curl.append(" -X POST");
        } else if (method.equals("DELETE")) {
            curl.append(" -X DELETE");
        }
        curl.append(' ').append(Shell.quote(uri(target.server()).toString()));
        curl.append(" -H \"Authorization: Bearer ").append(target.key().shell()).append('"');
        target.project().ifPresent(project -> curl.append(" -H ").append(Shell.quote(PROJECT + ": " + project)));
        headers.forEach((name, value) -> curl.append(" -H ").append(Shell.quote(name + ": " + value)));
        if (json != null) {
            curl.append(" -d ").append(Shell.quote(json.toString()));
        }
        if (form != null) {
            curl.append(form.curl());
        }
        return curl.toString();
    }
}
