package dev.anneal.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Operations;
import dev.anneal.testing.Operations.Operation;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TinyClassifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Every operation of the contract, called by everybody there is: each role of the owner, each of another project, nobody. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessMatrixTest {
    /** The answer that a call of another project must get for ours. */
    private enum Foreign {
        /** The object that the path names is not there. */
        NOT_FOUND,
        /** The object that the body names is not there. */
        UNKNOWN_IN_BODY,
        /** A list without anything of ours. */
        ANOTHER_LIST,
        /** It concerns nothing of ours. */
        ITS_OWN
    }

    private static final Path BASE = Path.of("src/test/resources/models/bert");
    private static final List<String> RANKS = List.of("viewer", "editor", "admin", "server_admin");

    /** The role that is needed and what strangers see; the body is what is sent, with ids of ours in place of $names. */
    private record Expected(String role, Foreign foreign, String body) {}

    private static final Map<String, Expected> EXPECTED = new TreeMap<>();

    private static void expect(String operation, String role, Foreign foreign, String body) {
        EXPECTED.put(operation, new Expected(role, foreign, body));
    }

    static {
        for (String read : List.of(
                "getDataset",
                "listDatasetRows",
                "getRowTokens",
                "listDatasetProblems",
                "exportDatasetProblems",
                "getDatasetStatistics",
                "listDatasetVersions",
                "getDatasetLineage",
                "exportDataset",
                "getJob",
                "listJobEvents",
                "getJobHistory",
                "getJobReport",
                "getJobReportPage",
                "listJobPredictions",
                "exportJobPredictions",
                "exportJobMetrics",
                "exportJobTensorBoard",
                "listCheckpoints",
                "getEvaluation",
                "listEvaluationEvents",
                "getEvaluationReport",
                "getEvaluationReportPage",
                "listEvaluationPredictions",
                "exportEvaluationPredictions",
                "getPrediction",
                "listPredictionEvents",
                "downloadPrediction",
                "getModel",
                "getModelLineage",
                "listModelEvents",
                "downloadModel")) {
            expect(read, "viewer", Foreign.NOT_FOUND, null);
        }
        for (String list : List.of("listDatasets", "listJobs", "listEvaluations", "listPredictions", "listModels")) {
            expect(list, "viewer", Foreign.ANOTHER_LIST, null);
        }
        expect("compareJobs", "viewer", Foreign.ITS_OWN, null);
        expect("predict", "viewer", Foreign.NOT_FOUND, "{\"inputs\":[\"x\"]}");
        expect("generate", "viewer", Foreign.NOT_FOUND, "{\"prompt\":\"x\"}");
        expect("estimateJob", "viewer", Foreign.UNKNOWN_IN_BODY, Tenant.jobBody("$dataset"));
        expect("checkDataset", "viewer", Foreign.ITS_OWN, "form");
        expect("checkDatasetAsCsv", "viewer", Foreign.ITS_OWN, "form");
        expect("createDataset", "editor", Foreign.ITS_OWN, "form");
        expect("createUpload", "editor", Foreign.ITS_OWN, "upload");
        expect("listUploads", "viewer", Foreign.ANOTHER_LIST, null);
        expect("getUpload", "viewer", Foreign.NOT_FOUND, null);
        expect("appendUpload", "editor", Foreign.NOT_FOUND, "part");
        expect("deleteUpload", "editor", Foreign.NOT_FOUND, null);
        expect("createDatasetVersion", "editor", Foreign.NOT_FOUND, "{\"steps\":[{\"type\":\"strip\"}]}");
        expect("uploadModel", "editor", Foreign.ITS_OWN, "form");
        expect("createJob", "editor", Foreign.UNKNOWN_IN_BODY, Tenant.jobBody("$dataset"));
        expect(
                "createEvaluation",
                "editor",
                Foreign.UNKNOWN_IN_BODY,
                Tenant.evaluationBody("evaluations", "$classifier", "$dataset"));
        expect(
                "createPrediction",
                "editor",
                Foreign.UNKNOWN_IN_BODY,
                Tenant.evaluationBody("predictions", "$classifier", "$dataset"));
        expect("predictFile", "editor", Foreign.ITS_OWN, "form");
        expect("importModel", "editor", Foreign.ITS_OWN, "{\"source\":\"no source\"}");
        for (String change : List.of(
                "deleteDataset",
                "deleteJob",
                "deleteModel",
                "cancelJob",
                "pauseJob",
                "resumeJob",
                "deleteEvaluation",
                "cancelEvaluation",
                "deletePrediction",
                "cancelPrediction",
                "publishCheckpoint")) {
            expect(change, "editor", Foreign.NOT_FOUND, null);
        }
        for (String list : List.of("listKeys", "listAudit", "listProjects", "listWebhooks")) {
            expect(list, "admin", Foreign.ANOTHER_LIST, null);
        }
        for (String one :
                List.of("getKey", "revokeKey", "getProject", "getWebhook", "deleteWebhook", "listWebhookDeliveries")) {
            expect(one, "admin", Foreign.NOT_FOUND, null);
        }
        expect(
                "createKey",
                "admin",
                Foreign.UNKNOWN_IN_BODY,
                "{\"name\":\"k\",\"role\":\"viewer\",\"project\":\"$project\"}");
        expect("createWebhook", "admin", Foreign.ITS_OWN, "{\"url\":\"no url\"}");
        expect("createProject", "server_admin", Foreign.ITS_OWN, "{\"id\":\"No slug\"}");
        expect("updateProject", "server_admin", Foreign.ITS_OWN, "{\"name\":\"Owner\"}");
        expect("listWorkers", "viewer", Foreign.ITS_OWN, null);
        expect("drainWorker", "server_admin", Foreign.ITS_OWN, null);
        expect("undrainWorker", "server_admin", Foreign.ITS_OWN, null);
    }

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Autowired
    JdbcClient jdbc;

    private final AtomicInteger names = new AtomicInteger();
    private Tenant owner;
    private Tenant stranger;
    private Map<String, String> things;

    @BeforeAll
    void populate() {
        owner = new Tenant(api, "owner");
        stranger = new Tenant(api, "stranger");
        String dataset = owner.dataset();
        String classifier = model("owners-classifier", TinyClassifier.directory());
        things = Map.of(
                "classifier",
                classifier,
                "evaluation",
                owner.computed("evaluations", classifier, dataset),
                "prediction",
                owner.computed("predictions", classifier, dataset),
                "dataset",
                dataset,
                "upload",
                owner.editor.createUpload(1, "x.csv").text("id"),
                "job",
                owner.job(dataset),
                "model",
                model("owners-own", BASE),
                "key",
                owner.key("viewer").text("id"),
                "project",
                "owner");
    }

    @Test
    void everyOperationOfTheContractIsInTheTable() {
        for (Operation operation : Operations.all()) {
            assertThat(EXPECTED.containsKey(operation.id()) || operation.open())
                    .as("AccessMatrixTest expects something of %s", operation.id())
                    .isTrue();
            assertThat(dev.anneal.security.OperationPermissions.ALL)
                    .as("security.Operations has %s", operation.id())
                    .anyMatch(row -> row.id().equals(operation.id())
                            && row.method().name().equals(operation.method())
                            && row.path()
                                    .getPatternString()
                                    .matches(operation.path().replaceAll("\\{\\w+}", "\\\\{\\\\w+\\\\}") + "|"
                                            + "/actuator/health/\\*\\*"));
        }
    }

    @TestFactory
    Stream<DynamicTest> operations() {
        return Operations.all().stream()
                .map(operation -> DynamicTest.dynamicTest(operation.id(), () -> check(operation)));
    }

    private void check(Operation operation) {
        if (operation.open()) {
            assertThat(api.withKey(null).get(operation.path()).status()).isEqualTo(200);
            return;
        }
        Expected expected = EXPECTED.get(operation.id());
        refusesBadKeys(operation, expected);
        for (String role : List.of("viewer", "editor", "admin")) {
            boolean may = RANKS.indexOf(role) >= RANKS.indexOf(expected.role());
            Answer foreign = call(stranger.with(role), operation, expected);
            if (may) {
                checkForeign(operation, expected.foreign(), foreign);
            } else {
                checkForbidden(expected, foreign);
            }
            Answer own = call(owner.with(role), operation, expected);
            if (may) {
                checkAllowed(operation, own);
            } else {
                checkForbidden(expected, own);
            }
        }
        checkAllowed(operation, call(api.in("owner"), operation, expected));
    }

    private void refusesBadKeys(Operation operation, Expected expected) {
        String expired = owner.key("admin").text("secret");
        String revoked = owner.key("admin").text("secret");
        jdbc.sql("update api_keys set expires_at = now() where sha256 = ?")
                .param(dev.anneal.text.Sha256.of(expired))
                .update();
        jdbc.sql("update api_keys set revoked_at = now() where sha256 = ?")
                .param(dev.anneal.text.Sha256.of(revoked))
                .update();
        for (var bad : Map.of("key_expired", expired, "key_revoked", revoked, "invalid_key", "ann_no")
                .entrySet()) {
            Answer answer = call(api.withKey(bad.getValue()), operation, expected);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.code()).isEqualTo(bad.getKey());
        }
        Answer nobody = call(api.withKey(null), operation, expected);
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.code()).isEqualTo("missing_key");
    }

    private static void checkForbidden(Expected expected, Answer answer) {
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("forbidden");
        assertThat(answer.text("required_role")).isEqualTo(expected.role());
    }

    /** Let in; whether the call then makes sense is another matter. */
    private static void checkAllowed(Operation operation, Answer answer) {
        // No worker and no checkpoint is there to be named.
        boolean nothing = Set.of("drainWorker", "undrainWorker", "publishCheckpoint", "getWebhook", "deleteWebhook")
                        .contains(operation.id())
                || operation.id().equals("listWebhookDeliveries");
        assertThat(answer.status())
                .as("%s", answer.json())
                .isIn(nothing ? List.of(200, 204, 404, 409) : List.of(200, 201, 204, 409, 422));
    }

    private void checkForeign(Operation operation, Foreign foreign, Answer answer) {
        switch (foreign) {
            case NOT_FOUND -> {
                assertThat(answer.status()).as("%s", answer.json()).isEqualTo(404);
                assertThat(answer.detail()).matches("There is no \\w+ '.*'\\. GET /api/v1/\\w+ lists .*");
            }
            case UNKNOWN_IN_BODY -> {
                assertThat(answer.status()).as("%s", answer.json()).isEqualTo(422);
                assertThat(answer.code()).startsWith("unknown_");
            }
            case ANOTHER_LIST -> {
                assertThat(answer.status()).isEqualTo(200);
                for (JsonNode entry : answer.json().get("data")) {
                    assertThat(entry.path("id").asString()).isNotIn(things.values());
                    assertThat(entry.path("project").asString("")).isNotEqualTo("owner");
                }
                if (Set.of("listDatasets", "listJobs").contains(operation.id())) {
                    // what strangers made themselves here is nothing
                    assertThat(answer.json().get("data").toString()).doesNotContain("owner");
                }
            }
            case ITS_OWN -> assertThat(answer.status()).as("%s", answer.json()).isIn(200, 201, 422);
        }
    }

    private Answer call(Client client, Operation operation, Expected expected) {
        if ("form".equals(expected.body())) {
            return client.uploadTo(operation.path(), "x.csv", "text,label\na,b\nc,d\n".getBytes(UTF_8), Map.of());
        }
        if ("upload".equals(expected.body())) {
            Answer created = client.createUpload(1, "x.csv");
            if (created.status() == 201) {
                client.delete("/api/v1/uploads/" + created.text("id")); // a project can have a few only
            }
            return created;
        }
        if ("part".equals(expected.body())) {
            return client.append(things.get("upload"), 0, new byte[0]);
        }
        String body = expected.body();
        for (var thing : things.entrySet()) {
            body = body == null ? null : body.replace("$" + thing.getKey(), thing.getValue());
        }
        return client.send(operation.method(), path(operation), body);
    }

    private String model(String name, Path files) {
        return models.add(name, owner.project, files).getId();
    }

    private String endedJob() {
        String id = owner.job(things.get("dataset"));
        owner.editor.post("/api/v1/jobs/" + id + "/cancel");
        return id;
    }

    private String ended(String kind) {
        String id = owner.computed(kind, things.get("classifier"), things.get("dataset"));
        owner.editor.post("/api/v1/" + kind + "/" + id + "/cancel");
        return id;
    }

    /** Each deletion has its own object to delete. */
    private String path(Operation operation) {
        String path = operation.path();
        if (path.contains("{dataset_id}")) {
            String id = operation.id().equals("deleteDataset") ? owner.dataset() : things.get("dataset");
            path = path.replace("{dataset_id}", id);
        }
        if (path.contains("{upload_id}")) {
            String id = operation.id().equals("deleteUpload")
                    ? owner.editor.createUpload(1, "x.csv").text("id")
                    : things.get("upload");
            path = path.replace("{upload_id}", id);
        }
        if (path.contains("{model_id}")) {
            String id = operation.id().equals("deleteModel")
                    ? model("model-" + names.incrementAndGet(), BASE)
                    : things.get("model");
            path = path.replace("{model_id}", id);
        }
        if (path.contains("{key_id}")) {
            String id = operation.id().equals("revokeKey") ? owner.key("viewer").text("id") : things.get("key");
            path = path.replace("{key_id}", id);
        }
        if (operation.id().equals("deleteJob")) {
            path = path.replace("{job_id}", endedJob());
        }
        if (operation.id().equals("deleteEvaluation")) {
            path = path.replace("{evaluation_id}", ended("evaluations"));
        }
        if (operation.id().equals("deletePrediction")) {
            path = path.replace("{prediction_id}", ended("predictions"));
        }
        return path.replace("{job_id}", things.get("job"))
                .replace("{evaluation_id}", things.get("evaluation"))
                .replace("{prediction_id}", things.get("prediction"))
                .replace("{project_id}", "owner")
                .replaceAll("\\{(step|number)}", "1")
                .replaceAll("\\{\\w+}", "whatever");
    }
}
