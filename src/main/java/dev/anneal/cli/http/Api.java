package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Makes calls to a server, and turns error answers into {@link Problem}s. */
public final class Api {
    private final HttpClient client;
    private final Target target;
    private final Consumer<String> curls;
    private final Map<String, String> names;
    private final Map<String, String> options;

    /**
     * @param curls takes each call as a curl command
     */
    public Api(Target target, Consumer<String> curls) {
        this(
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build(),
                target,
                curls,
                new ConcurrentHashMap<>(),
                Map.of());
    }

    private Api(
            HttpClient client,
            Target target,
            Consumer<String> curls,
            Map<String, String> names,
            Map<String, String> options) {
        this.client = client;
        this.target = target;
        this.curls = curls;
        this.names = names;
        this.options = options;
    }

    /** Returns the same server for a command that has options, by their fields, which other commands have under other names. */
    public Api withOptions(Map<String, String> own) {
        return new Api(client, target, curls, names, own);
    }

    /** Returns the options of the command, by their fields, which other commands have under other names. */
    public Map<String, String> options() {
        return options;
    }

    /** Lets error messages name a resource as the user did, whose name was looked up. */
    public void remember(String id, String name) {
        names.put(id, name);
    }

    public JsonNode get(String path) throws IOException, InterruptedException {
        return send(Call.get(path));
    }

    public JsonNode send(Call call) throws IOException, InterruptedException {
        return send(call, sent -> {});
    }

    public JsonNode send(Call call, LongConsumer sent) throws IOException, InterruptedException {
        curls.accept(curl(call));
        HttpResponse<String> response;
        try {
            response = client.send(call.request(target, sent), BodyHandlers.ofString());
        } catch (ConnectException | HttpTimeoutException unreachable) {
            throw unreachable();
        }
        if (response.statusCode() / 100 != 2) {
            throw Problem.of(response.statusCode(), target.server().toString(), response.body(), names, options);
        }
        if (response.statusCode() == 204) {
            return Json.MAPPER.nullNode();
        }
        try {
            return Json.MAPPER.readTree(response.body());
        } catch (JacksonException notJson) {
            throw new Failure(target.server() + " did not answer in JSON. Check that it is an Anneal server.");
        }
    }

    /** Downloads a file, which appears under its name once it is whole. */
    public void download(Call call, Path file, LongConsumer received) throws IOException, InterruptedException {
        curls.accept(curl(call) + " -o " + Shell.path(file));
        HttpResponse<InputStream> response;
        try {
            response = client.send(call.request(target, sent -> {}), BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpTimeoutException unreachable) {
            throw unreachable();
        }
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw Problem.of(
                        response.statusCode(),
                        target.server().toString(),
                        new String(body.readAllBytes(), StandardCharsets.UTF_8),
                        names,
                        options);
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try {
                copy(body, part, received);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        }
    }

    private static void copy(InputStream body, Path file, LongConsumer received) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                out.write(buffer, 0, read);
                total += read;
                received.accept(total);
            }
        }
    }

    /** Opens a stream. An error answer is thrown when the first line is read. */
    public Lines stream(Call call) {
        curls.accept(curl(call));
        Lines lines = new Lines();
        client.sendAsync(call.request(target, sent -> {}), info -> body(info, call, lines))
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
            lines.onError(Problem.of(info.statusCode(), target.server().toString(), text, names, options));
            return null;
        });
    }

    Failure unreachable() {
        return new Failure("No server answers at " + target.server() + ". Start one with `" + Shell.local("serve")
                + "`, or name a running one with --url.");
    }

    public String curl(Call call) {
        return call.curl(target);
    }
}
