package dev.anneal.mlflow;

import dev.anneal.json.Json;
import dev.anneal.outbound.OutboundCall;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.text.Visible;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The calls of MLflow's REST API (https://mlflow.org/docs/latest/rest-api.html) that reporting a job needs. A failure that a retry
 * may change is an {@link IOException}, another one a {@link MlflowException}.
 */
final class MlflowClient {
    private static final String API = "api/2.0/mlflow/";
    private static final String ARTIFACTS = "mlflow-artifacts:";
    private static final int MAX_ANSWER = 1 << 20;
    private static final int MAX_MESSAGE = 300;

    /** Answers that an operator or time can change: a wrong token, an overload. */
    private static final Set<Integer> PASSING = Set.of(401, 403, 408, 429);

    private final OutboundHttp http;
    private final MlflowSettings settings;

    MlflowClient(OutboundHttp http, MlflowSettings settings) {
        this.http = http;
        this.settings = settings;
    }

    /** Returns the id of the experiment with a name, which is created if needed. */
    String experiment(String name) throws IOException {
        Optional<String> existing = find(name);
        if (existing.isPresent()) {
            return existing.get();
        }
        try {
            return post("experiments/create", Json.MAPPER.createObjectNode().put("name", name))
                    .path("experiment_id")
                    .asString();
        } catch (MlflowException refused) {
            if (refused.code().equals("RESOURCE_ALREADY_EXISTS")) { // another process was faster
                return find(name).orElseThrow(() -> refused);
            }
            throw refused;
        }
    }

    private Optional<String> find(String name) throws IOException {
        String query = "experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        try (OutboundCall call = http.get(settings.resolve(API + "experiments/get-by-name?" + query))) {
            return Optional.of(
                    answer(call).path("experiment").path("experiment_id").asString());
        } catch (MlflowException refused) {
            if (refused.code().equals("RESOURCE_DOES_NOT_EXIST")) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /** Returns the run of the experiment that has a tag. */
    Optional<JsonNode> run(String experiment, String tag, String value) throws IOException {
        ObjectNode search = Json.MAPPER.createObjectNode().put("max_results", 1);
        search.putArray("experiment_ids").add(experiment);
        search.put("filter", "tags.`" + tag + "` = '" + value + "'");
        return post("runs/search", search).path("runs").valueStream().findFirst();
    }

    JsonNode run(String id) throws IOException {
        try (OutboundCall call = http.get(settings.resolve(API + "runs/get?run_id=" + id))) {
            return answer(call).path("run");
        }
    }

    /** Does one of the calls that change something. */
    JsonNode post(String call, ObjectNode body) throws IOException {
        try (OutboundCall post = http.post(settings.resolve(API + call), Json.MAPPER.writeValueAsBytes(body))) {
            return answer(post);
        }
    }

    /** Stores a file of a run, if the server stores files itself. Returns whether it does. */
    boolean upload(String artifactUri, String name, byte[] content) throws IOException {
        if (!artifactUri.startsWith(ARTIFACTS)) {
            return false;
        }
        String path = artifactUri.substring(ARTIFACTS.length()).replaceFirst("^//[^/]*", "");
        try (OutboundCall put =
                http.put(settings.resolve("api/2.0/mlflow-artifacts/artifacts" + path + "/" + name), content)) {
            answer(put);
            return true;
        }
    }

    private JsonNode answer(OutboundCall call) throws IOException {
        if (!settings.token().isEmpty()) {
            call.header("Authorization", "Bearer " + settings.token());
        } else if (!settings.username().isEmpty()) {
            String both = settings.username() + ":" + settings.password();
            call.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        OutboundCall.Answer answer = call.send();
        String text = new String(answer.body().readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        JsonNode body;
        try {
            body = text.isBlank() ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(text);
        } catch (JacksonException notJson) {
            body = Json.MAPPER.createObjectNode();
        }
        int status = answer.status();
        if (status / 100 == 2) {
            return body;
        }
        String code = body.path("error_code").asString("");
        String message = Visible.of(
                "The tracking server answered " + status + ": " + code + " "
                        + body.path("message").asString(""),
                MAX_MESSAGE);
        if (status / 100 == 4 && !PASSING.contains(status) && !code.isEmpty()) {
            throw new MlflowException(code, message);
        }
        throw new IOException(message);
    }
}
