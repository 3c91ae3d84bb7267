package dev.anneal.cli;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import tools.jackson.databind.JsonNode;

/** One HTTP call below {@code /api/v1}, before it is made: the source of both the request and the curl command. */
record Call(String method, String path, Map<String, String> headers, JsonNode json, Multipart form) {
    static Call get(String path) {
        return new Call("GET", path, Map.of(), null, null);
    }

    static Call events(String path, String lastEventId) {
        Map<String, String> headers = new TreeMap<>(Map.of("Accept", "text/event-stream"));
        if (lastEventId != null) {
            headers.put("Last-Event-ID", lastEventId);
        }
        return new Call("GET", path, headers, null, null);
    }

    static Call post(String path) {
        return new Call("POST", path, Map.of(), null, null);
    }

    static Call post(String path, JsonNode json) {
        return new Call("POST", path, Map.of("Content-Type", "application/json"), json, null);
    }

    static Call delete(String path) {
        return new Call("DELETE", path, Map.of(), null, null);
    }

    static Call upload(String path, Multipart form) {
        return new Call("POST", path, Map.of(), null, form);
    }

    /** An id or name as one segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    URI uri(URI server) {
        return URI.create(server + "/api/v1" + path);
    }

    HttpRequest request(URI server, Key key, LongConsumer sent) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(server)).header("Authorization", "Bearer " + key.secret());
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

    /** The same call for a shell; the key is named, never shown. */
    String curl(URI server, Key key) {
        StringBuilder curl = new StringBuilder("curl -sS");
        if (headers.containsKey("Accept")) {
            curl.append(" --no-buffer");
        }
        if (method.equals("POST") && json == null && form == null) {
            curl.append(" -X POST");
        } else if (method.equals("DELETE")) {
            curl.append(" -X DELETE");
        }
        curl.append(' ').append(Shell.quote(uri(server).toString()));
        curl.append(" -H \"Authorization: Bearer ").append(key.shell()).append('"');
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
