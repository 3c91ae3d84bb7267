package dev.anneal.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anneal.json.Json;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A web server on loopback, which is also a hub with datasets. It answers each path as a test says. */
public final class SourceServer implements AutoCloseable {
    /** Answers a request. */
    public interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    public static final String COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

    /** The commit of the files that the hub makes of others. */
    public static final String CONVERTED = "c0ffee000123456789abcdef0123456789abcdef";

    private final HttpServer server;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    public SourceServer() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getRawPath();
                seen.add(path);
                Handler handler = handlers.get(path);
                if (handler == null) {
                    exchange.sendResponseHeaders(404, -1);
                } else {
                    handler.answer(exchange);
                }
            }
        });
        server.start();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    public void on(String path, Handler handler) {
        handlers.put(path, handler);
    }

    public void serve(String path, byte[] body) {
        on(path, exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
    }

    public void redirect(String path, String location) {
        on(path, exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(302, -1);
        });
    }

    /** Returns how often a path was asked for. */
    public long count(String path) {
        return seen.stream().filter(path::equals).count();
    }

    /** Serves a dataset as a hub does. Its files are small, so that the hub knows their git hashes. */
    public void dataset(String repository, String revision, Map<String, byte[]> files) {
        String commit = revision.startsWith("refs/convert/") ? CONVERTED : COMMIT;
        ObjectNode listing =
                Json.MAPPER.createObjectNode().put("id", repository).put("sha", commit);
        ArrayNode siblings = listing.putArray("siblings");
        files.forEach((name, content) -> {
            siblings.addObject()
                    .put("rfilename", name)
                    .put("size", content.length)
                    .putObject("lfs")
                    .put("sha256", sha256(content))
                    .put("size", content.length);
            serve("/datasets/" + repository + "/resolve/" + commit + "/" + name, content);
        });
        serve(
                "/api/datasets/" + repository + "/revision/" + revision.replace("/", "%2F"),
                listing.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(byte[] content) {
        MessageDigest digest = Sha256.digest();
        digest.update(content);
        return Sha256.hex(digest);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
