package dev.anneal.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A socket on this machine that answers as told and remembers what it was asked. */
final class ScriptedServer implements AutoCloseable {
    static final String KEY = "ak_secret";

    /** The requests that arrived. */
    record Request(String method, String path, Map<String, String> headers, String body) {
        String line() {
            return method + " " + path;
        }
    }

    interface Answer {
        void to(HttpExchange exchange, Request request) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();

    ScriptedServer() {
        this(0);
    }

    ScriptedServer(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException cannotListen) {
            throw new UncheckedIOException(cannotListen);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Answers e.g. {@code GET /jobs}, below {@code /api/v1} and whatever the query. */
    ScriptedServer on(String call, Answer answer) {
        answers.put(call, answer);
        return this;
    }

    ScriptedServer on(String call, int status, String json) {
        return on(
                call,
                (exchange, request) -> respond(
                        exchange, status, status < 400 ? "application/json" : "application/problem+json", json));
    }

    /** Answers with a list that is whole. */
    ScriptedServer list(String call, String... items) {
        return on(call, 200, "{\"data\": [" + String.join(", ", items) + "], \"has_more\": false}");
    }

    /** Answers with the content of a file. */
    ScriptedServer file(String call, String content) {
        return on(call, (exchange, request) -> respond(exchange, 200, "application/octet-stream", content));
    }

    /** Answers with each body in turn, and then with the last one. */
    static Answer inTurn(String... bodies) {
        AtomicInteger next = new AtomicInteger();
        return (exchange, request) ->
                respond(exchange, 200, "application/json", bodies[Math.min(next.getAndIncrement(), bodies.length - 1)]);
    }

    Request only(String line) {
        List<Request> found = requests.stream()
                .filter(request -> request.line().startsWith(line))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(line + " came " + found.size() + " times: " + requests);
        }
        return found.get(0);
    }

    static void respond(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new ConcurrentHashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(), values.get(0)));
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    headers,
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/api/v1") && !("Bearer " + KEY).equals(headers.get("authorization"))) {
                respond(exchange, 401, "application/problem+json", Bodies.UNAUTHORIZED);
                return;
            }
            String call = request.method() + " " + path.replaceFirst("^/api/v1", "");
            answers.getOrDefault(call, (e, r) -> respond(e, 404, "text/html", "<h1>no " + call + "</h1>"))
                    .to(exchange, request);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
