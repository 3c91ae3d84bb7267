package dev.anneal.model;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The protocol of a Hugging Face hub over real HTTP, on files of a directory: weights are large files that another host
 * serves, everything else comes from the hub itself. It can be told to fail, to hang up, to wait and to lie.
 */
public final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** A request as it came: {@code range} and {@code authorization} are null where there were none. */
    record Seen(String host, String path, String range, String authorization) {}

    final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final HttpServer hub = server("hub");
    private final HttpServer storage = server("storage");
    private final Map<String, Path> repositories = new ConcurrentHashMap<>();
    private final Map<String, Queue<Integer>> statuses = new ConcurrentHashMap<>();
    private volatile Consumer<ObjectNode> listing = sibling -> {};
    private volatile String storageHost = "127.0.0.1";
    private volatile int drops;
    private volatile long dropAfter = Long.MAX_VALUE;
    private volatile boolean ranges = true;
    private volatile boolean flipped;
    private volatile CountDownLatch reached = new CountDownLatch(1);
    private volatile CountDownLatch gate;

    private HttpServer server(String name) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.setExecutor(Executors.newCachedThreadPool());
            server.createContext("/", exchange -> {
                try (exchange) {
                    var headers = exchange.getRequestHeaders();
                    seen.add(new Seen(
                            name,
                            exchange.getRequestURI().toString(),
                            headers.getFirst("Range"),
                            headers.getFirst("Authorization")));
                    answer(exchange, name.equals("storage"));
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String endpoint() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    void reset() {
        seen.clear();
        statuses.clear();
        listing = sibling -> {};
        storageHost = "127.0.0.1";
        drops = 0;
        dropAfter = Long.MAX_VALUE;
        ranges = true;
        flipped = false;
        gate = null;
        reached = new CountDownLatch(1);
    }

    public void serve(String repository, Path directory) {
        repositories.put(repository, directory);
    }

    /** The answers to the next requests for a path that ends so, one after the other. */
    void answerWith(String ending, Integer... codes) {
        statuses.put(ending, new ArrayDeque<>(List.of(codes)));
    }

    /** Hangs up so often, each time after so many bytes of the weights. */
    void drop(int times, long after) {
        drops = times;
        dropAfter = after;
    }

    /** The address of the weights that the hub names. */
    void storageAt(String host) {
        storageHost = host;
    }

    void withoutRanges() {
        ranges = false;
    }

    /** The weights arrive with one byte changed. */
    void corrupt() {
        flipped = true;
    }

    /** Changes what the list says of the weights. */
    void lie(Consumer<ObjectNode> change) {
        listing = change;
    }

    /** Stops in the middle of the weights until {@link #goOn}; the answer tells when it is there. */
    CountDownLatch waitAfter(long bytes) {
        dropAfter = bytes;
        gate = new CountDownLatch(1);
        return reached;
    }

    void goOn() {
        dropAfter = Long.MAX_VALUE;
        gate.countDown();
    }

    List<String> ranges() {
        return seen.stream()
                .filter(request -> request.host().equals("storage") && request.range() != null)
                .map(Seen::range)
                .toList();
    }

    private void answer(HttpExchange exchange, boolean isStorage) throws IOException {
        String path = exchange.getRequestURI().getPath();
        for (var entry : statuses.entrySet()) {
            Integer status = path.endsWith(entry.getKey()) ? entry.getValue().poll() : null;
            if (status != null) {
                exchange.getResponseHeaders().set("Retry-After", "0");
                exchange.sendResponseHeaders(status, -1);
                return;
            }
        }
        for (var repository : repositories.entrySet()) {
            String files = "/" + repository.getKey() + "/resolve/" + COMMIT + "/";
            if (path.startsWith("/api/models/" + repository.getKey() + "/revision/")) {
                byte[] body = list(repository.getKey(), repository.getValue());
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                return;
            }
            if (path.startsWith(files)) {
                file(exchange, repository.getValue().resolve(path.substring(files.length())), isStorage);
                return;
            }
        }
        exchange.sendResponseHeaders(404, -1);
    }

    private byte[] list(String repository, Path directory) throws IOException {
        ObjectNode answer = Json.MAPPER.createObjectNode().put("id", repository).put("sha", COMMIT);
        var siblings = answer.putArray("siblings");
        siblings.addObject().put("rfilename", "../../outside").put("size", 3);
        siblings.addObject().put("rfilename", "onnx/model.onnx").put("size", 1L << 40);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                ObjectNode sibling = siblings.addObject().put("rfilename", name).put("size", Files.size(file));
                if (name.endsWith(".safetensors")) {
                    sibling.putObject("lfs")
                            .put("sha256", hash("SHA-256", file))
                            .put("size", Files.size(file));
                    listing.accept(sibling);
                }
            }
        }
        return answer.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void file(HttpExchange exchange, Path file, boolean isStorage) throws IOException {
        var headers = exchange.getResponseHeaders();
        boolean large = file.toString().endsWith(".safetensors");
        if (large && !isStorage) {
            headers.set("X-Linked-Size", String.valueOf(Files.size(file)));
            headers.set("X-Linked-ETag", "\"" + hash("SHA-256", file) + "\"");
            headers.set(
                    "Location",
                    "http://" + storageHost + ":" + storage.getAddress().getPort() + exchange.getRequestURI());
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        headers.set("ETag", "\"" + (large ? "another-kind" : hash("SHA-1", file)) + "\"");
        if (flipped && large) {
            bytes[bytes.length / 2] ^= 1;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int start = 0;
        if (range != null && ranges) {
            start = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            headers.set("Content-Range", "bytes " + start + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(start > 0 ? 206 : 200, bytes.length - start);
        send(exchange, bytes, start, large);
    }

    private void send(HttpExchange exchange, byte[] bytes, int start, boolean large) throws IOException {
        var out = exchange.getResponseBody();
        long limit = large ? dropAfter : Long.MAX_VALUE;
        for (int at = start; at < bytes.length; at += 4096) {
            if (at - start >= limit) {
                out.flush();
                if (gate != null) {
                    reached.countDown();
                    await();
                    limit = Long.MAX_VALUE;
                } else if (drops > 0) {
                    drops--;
                    return; // closing the exchange now breaks the connection
                }
            }
            out.write(bytes, at, Math.min(4096, bytes.length - at));
        }
    }

    private void await() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String hash(String algorithm, Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] bytes = Files.readAllBytes(file);
            if (algorithm.equals("SHA-1")) {
                digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }
}
