package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A server and the key to it: makes calls, and turns refusals into {@link Problem}s. */
final class Api {
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final URI server;
    private final Key key;
    private final Consumer<String> curls;

    Api(URI server, Key key, Consumer<String> curls) {
        this.server = server;
        this.key = key;
        this.curls = curls;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return send(Call.get(path));
    }

    JsonNode send(Call call) throws IOException, InterruptedException {
        return send(call, sent -> {});
    }

    JsonNode send(Call call, LongConsumer sent) throws IOException, InterruptedException {
        curls.accept(curl(call));
        HttpResponse<String> response;
        try {
            response = client.send(call.request(server, key, sent), BodyHandlers.ofString());
        } catch (ConnectException | HttpTimeoutException unreachable) {
            throw unreachable();
        }
        if (response.statusCode() / 100 != 2) {
            throw Problem.of(response.statusCode(), name(call), response.body());
        }
        if (response.statusCode() == 204) {
            return Json.MAPPER.nullNode();
        }
        try {
            return Json.MAPPER.readTree(response.body());
        } catch (JacksonException notJson) {
            throw new Failure("The answer to " + name(call) + " is not JSON; is " + server + " an Anneal server?");
        }
    }

    /** Opens a stream; its refusal, too, arrives with the first line that is asked for. */
    Lines stream(Call call) {
        curls.accept(curl(call));
        Lines lines = new Lines();
        client.sendAsync(call.request(server, key, sent -> {}), info -> body(info, call, lines))
                .whenComplete((response, failure) -> {
                    if (failure != null) {
                        lines.onError(failure);
                    }
                });
        return lines;
    }

    private BodySubscriber<Void> body(HttpResponse.ResponseInfo info, Call call, Lines lines) {
        if (info.statusCode() == 200) {
            return BodySubscribers.fromLineSubscriber(lines, done -> null, StandardCharsets.UTF_8, null);
        }
        return BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), text -> {
            lines.onError(Problem.of(info.statusCode(), name(call), text));
            return null;
        });
    }

    Failure unreachable() {
        return new Failure("No server answers at " + server + ". Start one: " + Shell.anneal("serve")
                + "   (or see everything work: " + Shell.anneal("quickstart") + "). Another one? Name it with --url.");
    }

    String curl(Call call) {
        return call.curl(server, key);
    }

    private String name(Call call) {
        return call.method() + " " + call.uri(server);
    }
}
