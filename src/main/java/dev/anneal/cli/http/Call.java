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
        @Nullable Multipart form,
        @Nullable FileRange range) {
    private static final String PROJECT = "Anneal-Project";

    public static Call get(String path) {
        return new Call("GET", path, Map.of(), null, null, null);
    }

    public static Call events(String path, @Nullable String lastEventId) {
        Map<String, String> headers = new TreeMap<>(Map.of("Accept", "text/event-stream"));
        if (lastEventId != null) {
            headers.put("Last-Event-ID", lastEventId);
        }
        return new Call("GET", path, headers, null, null, null);
    }

    public static Call post(String path) {
        return new Call("POST", path, Map.of(), null, null, null);
    }

    public static Call post(String path, JsonNode json) {
        return new Call("POST", path, Map.of("Content-Type", "application/json"), json, null, null);
    }

    public static Call delete(String path) {
        return new Call("DELETE", path, Map.of(), null, null, null);
    }

    public static Call upload(String path, Multipart form) {
        return new Call("POST", path, Map.of(), null, form, null);
    }

    /** Returns a call that has one result however often it is sent with the same key. */
    public Call withKey(String idempotencyKey) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put("Idempotency-Key", idempotencyKey);
        return new Call(method, path, all, json, form, range);
    }

    /** Returns the call that creates an upload in parts. */
    public static Call createUpload(long size, String metadata) {
        return new Call(
                "POST",
                "/uploads",
                new TreeMap<>(Map.of("Upload-Length", String.valueOf(size), "Upload-Metadata", metadata)),
                null,
                null,
                null);
    }

    /** Returns the call that sends a part of an upload. */
    public static Call uploadPart(String id, FileRange range) {
        return new Call(
                "PATCH",
                "/uploads/" + segment(id),
                new TreeMap<>(Map.of(
                        "Content-Type",
                        "application/offset+octet-stream",
                        "Upload-Offset",
                        String.valueOf(range.from()))),
                null,
                null,
                range);
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
        } else if (range != null) {
            request.method(method, range.publisher(sent));
        } else {
            request.method(method, BodyPublishers.noBody());
        }
        return request.build();
    }

    /** Returns the same call for a shell. The key is named, never shown. */
    String curl(Target target) {
        StringBuilder curl = new StringBuilder(range == null ? "" : range.shell() + " | ").append("curl -sS");
        if (headers.containsKey("Accept")) {
            curl.append(" --no-buffer");
        }
        if (method.equals("POST") && json == null && form == null) {
            curl.append(" -X POST");
        } else if (method.equals("DELETE") || method.equals("PATCH")) {
            curl.append(" -X ").append(method);
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
        if (range != null) {
            curl.append(" --data-binary @-");
        }
        return curl.toString();
    }
}
