package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** An HTTP client that holds each answer against openapi.yaml. */
public class Client {
    /** An answer: its status, its headers, and its body as bytes and, where it is JSON, as a tree. */
    public record Answer(int status, java.net.http.HttpHeaders headers, byte[] bytes, JsonNode json) {
        public String code() {
            return json.path("code").asString();
        }

        public String detail() {
            return json.path("detail").asString();
        }

        public String text(String field) {
            return json.path(field).asString();
        }
    }

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private final String base;
    private final String key;
    private final String project;
    private final boolean mayBeUnavailable;

    public Client(String base, String key) {
        this(base, key, null, false);
    }

    private Client(String base, String key, String project, boolean mayBeUnavailable) {
        this.base = base;
        this.key = key;
        this.project = project;
        this.mayBeUnavailable = mayBeUnavailable;
    }

    /** The same, of a server to which a test has done something for which it may answer 503; else that fails the test. */
    public Client inAnOutage() {
        return new Client(base, key, project, true);
    }

    public String key() {
        return key;
    }

    /** The server's admin who works in a project. */
    public Client in(String project) {
        return new Client(base, key, project, false);
    }

    public Client withKey(String other) {
        return new Client(base, other);
    }

    public Answer get(String path, String... headers) {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return call(request.GET());
    }

    public Answer delete(String path) {
        return call(request(path).DELETE());
    }

    public Answer post(String path, String json, String... headers) {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return call(request.POST(BodyPublishers.ofString(json)));
    }

    public Answer patch(String path, String json) {
        return call(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(json)));
    }

    /** Any method; a body that is null is none. */
    public Answer send(String method, String path, String json) {
        HttpRequest.Builder request = request(path);
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        return call(request.method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json)));
    }

    public Answer post(String path) {
        return call(request(path).POST(BodyPublishers.noBody()));
    }

    /** Sends bytes, with any method and headers. */
    public Answer send(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return call(
                request.method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body)));
    }

    /** Creates an upload in parts. */
    public Answer createUpload(long length, String fileName) {
        String name = java.util.Base64.getEncoder().encodeToString(fileName.getBytes(StandardCharsets.UTF_8));
        return send(
                "POST",
                "/api/v1/uploads",
                new byte[0],
                "Tus-Resumable",
                "1.0.0",
                "Upload-Length",
                String.valueOf(length),
                "Upload-Metadata",
                "filename " + name);
    }

    /** Sends a part of an upload. */
    public Answer append(String id, long offset, byte[] part) {
        return send(
                "PATCH",
                "/api/v1/uploads/" + id,
                part,
                "Tus-Resumable",
                "1.0.0",
                "Content-Type",
                "application/offset+octet-stream",
                "Upload-Offset",
                String.valueOf(offset));
    }

    /** Uploads a dataset, with fields of the form beside it. */
    public Answer upload(String fileName, byte[] content, Map<String, String> fields, String... headers) {
        return uploadTo("/api/v1/datasets", fileName, content, fields, headers);
    }

    /** A file and the field of the form that it is sent in. */
    public record FilePart(String field, String name, byte[] content) {}

    /** Uploads a file, with fields of the form beside it. */
    public Answer uploadTo(
            String path, String fileName, byte[] content, Map<String, String> fields, String... headers) {
        return uploadTo(path, List.of(new FilePart("file", fileName, content)), fields, headers);
    }

    /** Uploads files, with fields of the form beside them. */
    public Answer uploadTo(String path, List<FilePart> files, Map<String, String> fields, String... headers) {
        String boundary = "----boundary7f3a";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        fields.forEach((name, value) -> body.writeBytes(
                ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
                        .getBytes(StandardCharsets.UTF_8)));
        for (FilePart file : files) {
            body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + file.field()
                            + "\"; filename=\"" + file.name() + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(file.content());
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = request(path).header("Content-Type", "multipart/form-data; boundary=" + boundary);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return call(request.POST(BodyPublishers.ofByteArray(body.toByteArray())));
    }

    public Answer upload(String fileName, String content) {
        return upload(fileName, content.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** The lines of an event stream, until the server or the consumer (by throwing) ends it. */
    public void stream(String path, String lastEventId, Consumer<Stream<String>> lines) {
        HttpRequest.Builder request = request(path).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        try {
            HttpResponse<Stream<String>> response = HTTP.send(request.GET().build(), BodyHandlers.ofLines());
            assertThat(response.statusCode()).isEqualTo(200);
            try (Stream<String> body = response.body()) {
                lines.accept(body);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Follows a job to its end and answers with its record. */
    public JsonNode await(String jobId) {
        stream("/api/v1/jobs/" + jobId + "/events", null, Stream::count);
        return get("/api/v1/jobs/" + jobId).json();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofMinutes(5));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        if (project != null) {
            request.header("Anneal-Project", project);
        }
        return request;
    }

    private Answer call(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
            String type = response.headers().firstValue("Content-Type").orElse("");
            JsonNode json = type.contains("json") ? Json.MAPPER.readTree(response.body()) : null;
            Answer answer = new Answer(response.statusCode(), response.headers(), response.body(), json);
            Contract.check(request, answer, mayBeUnavailable);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
