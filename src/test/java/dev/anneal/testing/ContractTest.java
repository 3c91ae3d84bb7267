package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The rules that each part of openapi.yaml follows, and the answers that {@link Contract} refuses. */
class ContractTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final String KEY = "{\"name\": \"ci\", \"role\": \"editor\"}";

    private final List<String> undescribed = new ArrayList<>();

    @Test
    void everyOperationHasASummaryAndADescription() throws IOException {
        object(document().get("paths"))
                .forEach((path, item) -> object(item).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        require("summary", operation, method + " " + path);
                        require("description", operation, method + " " + path);
                    }
                }));

        assertThat(undescribed).isEmpty();
    }

    @Test
    void everyParameterBodyResponseHeaderSchemaAndFieldHasADescription() throws IOException {
        Map<String, Object> document = document();
        describeParts("", document);
        Map<String, Object> components = object(document.get("components"));
        for (String kind : List.of("securitySchemes", "headers", "parameters", "responses", "schemas")) {
            object(components.get(kind)).forEach((name, part) -> require("description", part, kind + " " + name));
        }

        assertThat(undescribed).isEmpty();
    }

    /** A part that is a reference has the description of what it refers to. */
    private void describeParts(String at, Object node) {
        if (node instanceof List<?> list) {
            list.forEach(item -> describeParts(at, item));
        } else if (node instanceof Map<?, ?>) {
            object(node).forEach((name, value) -> {
                String here = at + "/" + name;
                switch (name) {
                    case "properties", "headers" ->
                        object(value).forEach((field, part) -> requireUnlessReference(part, here + "/" + field));
                    case "responses" -> {
                        if (!at.equals("/components")) {
                            object(value).forEach((status, part) -> requireUnlessReference(part, here + "/" + status));
                        }
                    }
                    case "parameters" -> {
                        if (value instanceof List<?> list) {
                            list.forEach(part -> requireUnlessReference(part, here));
                        }
                    }
                    case "requestBody" -> requireUnlessReference(value, here);
                    default -> {}
                }
                if (!name.equals("example") && !name.equals("examples")) {
                    describeParts(here, value);
                }
            });
        }
    }

    private void requireUnlessReference(Object part, String at) {
        if (!object(part).containsKey("$ref")) {
            require("description", part, at);
        }
    }

    private void require(String what, Object part, String at) {
        if (!(object(part).get(what) instanceof String text) || text.isBlank()) {
            undescribed.add(at + " has no " + what);
        }
    }

    @Test
    void aRequestThatSucceedsSatisfiesTheContract() {
        assertThatThrownBy(() -> check(KEY.replace("editor", "owner"), 201, null, null))
                .hasMessageContaining("answered 201 to a request that violates the contract");
    }

    @Test
    void aRequestThatIsRefusedForItsShapeViolatesTheContract() {
        check(KEY.replace("editor", "owner"), 422, "unknown_role", "role");
        check("{", 400, "malformed_json", null);

        assertThatThrownBy(() -> check(KEY, 422, "out_of_range", "name"))
                .hasMessageContaining("refused a request that satisfies the contract");
    }

    @Test
    void whatTheServerHasStoredIsNotAboutTheShapeOfARequest() {
        check(KEY, 422, "unknown_project", "project");
    }

    private static void check(String body, int status, String code, String field) {
        String error = field == null
                ? ""
                : ", \"errors\": [{\"field\": \"%s\", \"code\": \"%s\", \"message\": \"…\"}]".formatted(field, code);
        String json = code == null ? "{}" : """
                        {"type": "urn:anneal:problem:%s", "title": "…", "status": %d, "detail": "…",
                         "instance": "/api/v1/keys", "code": "%s"%s}""".formatted(code, status, code, error);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost/api/v1/keys"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        HttpHeaders headers =
                HttpHeaders.of(Map.of("Content-Type", List.of("application/problem+json")), (name, value) -> true);
        Contract.check(request, new Client.Answer(status, headers, json.getBytes(), Json.MAPPER.readTree(json)), false);
    }

    private static Map<String, Object> document() throws IOException {
        return new Yaml().load(Files.readString(Path.of("openapi.yaml")));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object node) {
        return node instanceof Map<?, ?> ? (Map<String, Object>) node : Map.of();
    }
}
