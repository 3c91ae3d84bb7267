package dev.anneal.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tracking server in this process, with the calls that Anneal makes. It keeps what it receives as MLflow does: a metric that comes
 * twice is there once, and a parameter cannot change.
 */
final class PretendMlflow implements AutoCloseable {
    /** A way to answer a call badly. */
    enum Fault {
        /** The call is refused, and may be repeated. */
        UNAVAILABLE,
        /** The call is done, and its answer is lost. */
        LOST_ANSWER,
        /** The call is refused for good. */
        INVALID
    }

    static final class Run {
        final String id;
        final Map<String, String> tags = new LinkedHashMap<>();
        final Map<String, String> parameters = new LinkedHashMap<>();
        final List<JsonNode> metrics = new CopyOnWriteArrayList<>();
        final Map<String, String> files = new LinkedHashMap<>();
        volatile String status = "RUNNING";
        int repeated;

        Run(String id) {
            this.id = id;
        }

        List<Double> values(String key) {
            return metrics.stream()
                    .filter(metric -> metric.path("key").asString().equals(key))
                    .map(metric -> metric.path("value").asDouble())
                    .toList();
        }
    }

    private final HttpServer server;
    private final Map<String, String> experiments = new LinkedHashMap<>();
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final List<String> authorizations = new ArrayList<>();

    PretendMlflow() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::receive);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The next calls are answered badly, one after the other. */
    void answerWith(Fault... next) {
        faults.addAll(List.of(next));
    }

    void answerWell() {
        faults.clear();
    }

    synchronized List<Run> runsOf(String job) {
        return runs.values().stream()
                .filter(run -> job.equals(run.tags.get("anneal.job")))
                .toList();
    }

    synchronized List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    private void receive(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Fault fault = faults.poll();
        if (fault == Fault.UNAVAILABLE) {
            answer(exchange, 503, "{}");
            return;
        }
        if (fault == Fault.INVALID) {
            answer(exchange, 400, "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"no\"}");
            return;
        }
        String answer;
        int status = 200;
        synchronized (this) {
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            answer = call(
                    exchange.getRequestURI().getPath(), exchange.getRequestURI().getQuery(), body);
        }
        if (answer.contains("error_code")) {
            status = 404;
        }
        if (fault == Fault.LOST_ANSWER) {
            exchange.close();
            return;
        }
        answer(exchange, status, answer);
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String call(String path, String query, String text) {
        if (path.startsWith("/api/2.0/mlflow-artifacts/artifacts/")) {
            String[] parts = path.split("/");
            runs.get(parts[5]).files.put(parts[parts.length - 1], text);
            return "{}";
        }
        JsonNode body = text.isBlank() ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(text);
        return switch (path.substring("/api/2.0/mlflow/".length())) {
            case "experiments/get-by-name" -> {
                String id = experiments.get(query.split("=", 2)[1]);
                yield id == null
                        ? "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\", \"message\": \"none\"}"
                        : "{\"experiment\": {\"experiment_id\": \"" + id + "\"}}";
            }
            case "experiments/create" -> {
                String id = String.valueOf(experiments.size() + 1);
                experiments.put(body.path("name").asString(), id);
                yield "{\"experiment_id\": \"" + id + "\"}";
            }
            case "runs/search" -> {
                String filter = body.path("filter").asString();
                String job = filter.replaceAll("tags\\.`anneal\\.job` = '(.*)'", "$1");
                ObjectNode found = Json.MAPPER.createObjectNode();
                runsOf(job).forEach(run -> found.withArray("runs").add(view(run).path("run")));
                yield found.toString();
            }
            case "runs/create" -> {
                Run run = new Run("run" + runs.size());
                runs.put(run.id, run);
                body.path("tags").valueStream().forEach(tag -> put(run.tags, tag));
                yield view(run).toString();
            }
            case "runs/get" -> view(runs.get(query.split("=", 2)[1])).toString();
            case "runs/log-batch" -> {
                Run run = runs.get(body.path("run_id").asString());
                body.path("tags").valueStream().forEach(tag -> put(run.tags, tag));
                body.path("params").valueStream().forEach(parameter -> put(run.parameters, parameter));
                body.path("metrics").valueStream().forEach(metric -> {
                    if (run.metrics.contains(metric)) {
                        run.repeated++;
                    } else {
                        run.metrics.add(metric);
                    }
                });
                yield "{}";
            }
            case "runs/update" -> {
                runs.get(body.path("run_id").asString()).status =
                        body.path("status").asString();
                yield "{}";
            }
            default -> throw new AssertionError("no such call: " + path);
        };
    }

    private static void put(Map<String, String> map, JsonNode entry) {
        map.put(entry.path("key").asString(), entry.path("value").asString());
    }

    private static ObjectNode view(Run run) {
        ObjectNode view = Json.MAPPER.createObjectNode();
        view.putObject("run")
                .putObject("info")
                .put("run_id", run.id)
                .put("artifact_uri", "mlflow-artifacts:/" + run.id + "/artifacts");
        return view;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
