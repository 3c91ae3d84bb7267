package dev.anneal.cli.local;

import dev.anneal.json.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.core.JacksonException;

/** Tells what listens at a port. */
public enum Port {
    FREE,
    READY,
    NOT_READY,
    OTHER;

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    public static Port at(URI server) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/actuator/health/readiness"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            if (!Json.MAPPER.readTree(response.body()).has("status")) {
                return OTHER;
            }
            return switch (response.statusCode()) {
                case 200 -> READY;
                case 503 -> NOT_READY;
                default -> OTHER;
            };
        } catch (ConnectException refused) {
            return FREE;
        } catch (IOException | JacksonException notHttpOrNotJson) {
            return OTHER;
        }
    }
}
