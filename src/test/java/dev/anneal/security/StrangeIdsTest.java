package dev.anneal.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Operations;
import dev.anneal.testing.Operations.Operation;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** Every parameter in a path of the contract, given what no honest client gives. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class StrangeIdsTest {
    /** Ids as they stand in a URL. */
    private static final List<String> STRANGE = List.of(
            "'%3B%20drop%20table%20jobs%3B--",
            "'%20or%20'1'='1",
            "..%2F..%2Fetc%2Fpasswd",
            "%2e%2e",
            "%00",
            "job_%00",
            "%0d%0aSet-Cookie:%20a=b",
            "%25s%25n",
            "x".repeat(4000),
            "%E2%80%AEcba", // right to left
            "%F0%9F%92%A3", // an emoji
            "%C0%AE", // not UTF-8
            "%ED%A0%80", // half a surrogate pair
            "%EF%BF%BF",
            "%E2%80%8B", // a space of no width
            "-1",
            "9223372036854775808",
            "%5B%7B%22a%22%3A1%7D%5D",
            "~",
            "*",
            "null");

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    @Test
    void aParameterWithoutANameIsAMalformedRequest() {
        assertThat(api.get("/api/v1/jobs?=null").status()).isEqualTo(400);
    }

    @Test
    void noIdInAPathMakesTheServerStumble() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        List<String> wrong = new ArrayList<>();
        int calls = 0;
        for (Operation operation : Operations.all()) {
            if (!operation.path().contains("{")) {
                continue;
            }
            for (String strange : STRANGE) {
                String path = operation.path().replaceAll("\\{\\w+}", Matcher.quoteReplacement(strange));
                HttpResponse<String> answer = send(http, operation.method(), path);
                calls++;
                boolean talks =
                        answer.body().contains("Exception") || answer.body().contains("\tat ");
                boolean problem =
                        answer.headers().firstValue("Content-Type").orElse("").startsWith("application/problem+json");
                if (!List.of(400, 404, 405, 422).contains(answer.statusCode()) || talks || !problem) {
                    wrong.add(operation.method() + " " + path + " -> " + answer.statusCode() + " " + answer.body());
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(calls).isGreaterThan(300);
        assertThat(jdbc.sql("select count(*) from jobs").query(Long.class).single())
                .isNotNegative();
    }

    private HttpResponse<String> send(HttpClient http, String method, String path)
            throws IOException, InterruptedException {
        boolean body = !List.of("GET", "DELETE").contains(method);
        boolean part = method.equals("PATCH") && path.startsWith("/api/v1/uploads/");
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Authorization", "Bearer " + api.key())
                        .header("Content-Type", part ? "application/offset+octet-stream" : "application/json")
                        .header("Upload-Offset", "0")
                        .header("Tus-Resumable", "1.0.0")
                        .method(
                                method,
                                body
                                        ? BodyPublishers.ofString("{\"inputs\":[\"x\"],\"prompt\":\"x\"}")
                                        : BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }
}
