package dev.anneal.security;

import static dev.anneal.security.Operation.changes;
import static dev.anneal.security.Operation.reads;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * The table of all operations and the role that each requires. A path that is not in the table is refused to everybody, so a
 * new operation must be added here.
 */
public final class OperationPermissions {
    static final List<Operation> ALL = List.of(
            changes("createDataset", "POST", "/api/v1/datasets", RequiredRole.editor),
            reads("checkDataset", "POST", "/api/v1/datasets/check", RequiredRole.viewer),
            reads("checkDatasetAsCsv", "POST", "/api/v1/datasets/check.csv", RequiredRole.viewer),
            reads("listDatasets", "GET", "/api/v1/datasets", RequiredRole.viewer),
            reads("getDataset", "GET", "/api/v1/datasets/{id}", RequiredRole.viewer),
            changes("deleteDataset", "DELETE", "/api/v1/datasets/{id}", RequiredRole.editor),
            reads("listDatasetRows", "GET", "/api/v1/datasets/{id}/rows", RequiredRole.viewer),
            reads("getRowTokens", "GET", "/api/v1/datasets/{id}/rows/{number}/tokens", RequiredRole.viewer),
            reads("listDatasetProblems", "GET", "/api/v1/datasets/{id}/problems", RequiredRole.viewer),
            reads("exportDatasetProblems", "GET", "/api/v1/datasets/{id}/problems.csv", RequiredRole.viewer),
            reads("getDatasetStatistics", "GET", "/api/v1/datasets/{id}/statistics", RequiredRole.viewer),
            changes("createDatasetVersion", "POST", "/api/v1/datasets/{id}/versions", RequiredRole.editor),
            reads("listDatasetVersions", "GET", "/api/v1/datasets/{id}/versions", RequiredRole.viewer),
            reads("getDatasetLineage", "GET", "/api/v1/datasets/{id}/lineage", RequiredRole.viewer),
            reads("exportDataset", "GET", "/api/v1/datasets/{id}/export", RequiredRole.viewer),
            reads("describeUploads", "OPTIONS", "/api/v1/uploads", RequiredRole.viewer),
            changes("createUpload", "POST", "/api/v1/uploads", RequiredRole.editor),
            reads("listUploads", "GET", "/api/v1/uploads", RequiredRole.viewer),
            reads("getUpload", "GET", "/api/v1/uploads/{id}", RequiredRole.viewer),
            changes("appendUpload", "PATCH", "/api/v1/uploads/{id}", RequiredRole.editor),
            changes("deleteUpload", "DELETE", "/api/v1/uploads/{id}", RequiredRole.editor),
            changes("createJob", "POST", "/api/v1/jobs", RequiredRole.editor),
            reads("listJobs", "GET", "/api/v1/jobs", RequiredRole.viewer),
            reads("estimateJob", "POST", "/api/v1/jobs/estimate", RequiredRole.viewer),
            reads("compareJobs", "GET", "/api/v1/jobs/compare", RequiredRole.viewer),
            reads("getJob", "GET", "/api/v1/jobs/{id}", RequiredRole.viewer),
            changes("deleteJob", "DELETE", "/api/v1/jobs/{id}", RequiredRole.editor),
            changes("cancelJob", "POST", "/api/v1/jobs/{id}/cancel", RequiredRole.editor),
            changes("pauseJob", "POST", "/api/v1/jobs/{id}/pause", RequiredRole.editor),
            changes("resumeJob", "POST", "/api/v1/jobs/{id}/resume", RequiredRole.editor),
            reads("listJobEvents", "GET", "/api/v1/jobs/{id}/events", RequiredRole.viewer),
            reads("getJobHistory", "GET", "/api/v1/jobs/{id}/history", RequiredRole.viewer),
            reads("getJobReport", "GET", "/api/v1/jobs/{id}/report", RequiredRole.viewer),
            reads("exportJobMetrics", "GET", "/api/v1/jobs/{id}/metrics.csv", RequiredRole.viewer),
            reads("exportJobTensorBoard", "GET", "/api/v1/jobs/{id}/tensorboard", RequiredRole.viewer),
            reads("listJobPredictions", "GET", "/api/v1/jobs/{id}/predictions", RequiredRole.viewer),
            reads("exportJobPredictions", "GET", "/api/v1/jobs/{id}/predictions.csv", RequiredRole.viewer),
            reads("getJobReportPage", "GET", "/api/v1/jobs/{id}/report.html", RequiredRole.viewer),
            reads("listCheckpoints", "GET", "/api/v1/jobs/{id}/checkpoints", RequiredRole.viewer),
            changes("publishCheckpoint", "POST", "/api/v1/jobs/{id}/checkpoints/{step}/publish", RequiredRole.editor),
            changes("createEvaluation", "POST", "/api/v1/evaluations", RequiredRole.editor),
            reads("listEvaluations", "GET", "/api/v1/evaluations", RequiredRole.viewer),
            reads("getEvaluation", "GET", "/api/v1/evaluations/{id}", RequiredRole.viewer),
            changes("deleteEvaluation", "DELETE", "/api/v1/evaluations/{id}", RequiredRole.editor),
            changes("cancelEvaluation", "POST", "/api/v1/evaluations/{id}/cancel", RequiredRole.editor),
            reads("listEvaluationEvents", "GET", "/api/v1/evaluations/{id}/events", RequiredRole.viewer),
            reads("getEvaluationReport", "GET", "/api/v1/evaluations/{id}/report", RequiredRole.viewer),
            reads("getEvaluationReportPage", "GET", "/api/v1/evaluations/{id}/report.html", RequiredRole.viewer),
            reads("listEvaluationPredictions", "GET", "/api/v1/evaluations/{id}/predictions", RequiredRole.viewer),
            reads(
                    "exportEvaluationPredictions",
                    "GET",
                    "/api/v1/evaluations/{id}/predictions.csv",
                    RequiredRole.viewer),
            changes("createPrediction", "POST", "/api/v1/predictions", RequiredRole.editor),
            changes("predictFile", "POST", "/api/v1/predictions/upload", RequiredRole.editor),
            reads("listPredictions", "GET", "/api/v1/predictions", RequiredRole.viewer),
            reads("getPrediction", "GET", "/api/v1/predictions/{id}", RequiredRole.viewer),
            changes("deletePrediction", "DELETE", "/api/v1/predictions/{id}", RequiredRole.editor),
            changes("cancelPrediction", "POST", "/api/v1/predictions/{id}/cancel", RequiredRole.editor),
            reads("listPredictionEvents", "GET", "/api/v1/predictions/{id}/events", RequiredRole.viewer),
            reads("downloadPrediction", "GET", "/api/v1/predictions/{id}/download", RequiredRole.viewer),
            changes("importModel", "POST", "/api/v1/models", RequiredRole.editor),
            changes("uploadModel", "POST", "/api/v1/models/upload", RequiredRole.editor),
            reads("listModels", "GET", "/api/v1/models", RequiredRole.viewer),
            reads("getModel", "GET", "/api/v1/models/{id}", RequiredRole.viewer),
            changes("deleteModel", "DELETE", "/api/v1/models/{id}", RequiredRole.editor),
            reads("getModelLineage", "GET", "/api/v1/models/{id}/lineage", RequiredRole.viewer),
            reads("listModelEvents", "GET", "/api/v1/models/{id}/events", RequiredRole.viewer),
            reads("downloadModel", "GET", "/api/v1/models/{id}/download", RequiredRole.viewer),
            reads("predict", "POST", "/api/v1/models/{id}/predict", RequiredRole.viewer),
            reads("generate", "POST", "/api/v1/models/{id}/generate", RequiredRole.viewer),
            reads("listProjects", "GET", "/api/v1/projects", RequiredRole.admin),
            changes("createProject", "POST", "/api/v1/projects", RequiredRole.server_admin),
            reads("getProject", "GET", "/api/v1/projects/{id}", RequiredRole.admin),
            changes("updateProject", "PATCH", "/api/v1/projects/{id}", RequiredRole.server_admin),
            reads("listKeys", "GET", "/api/v1/keys", RequiredRole.admin),
            changes("createKey", "POST", "/api/v1/keys", RequiredRole.admin),
            reads("getKey", "GET", "/api/v1/keys/{id}", RequiredRole.admin),
            changes("revokeKey", "DELETE", "/api/v1/keys/{id}", RequiredRole.admin),
            reads("listAudit", "GET", "/api/v1/audit", RequiredRole.admin),
            reads("listWebhooks", "GET", "/api/v1/webhooks", RequiredRole.admin),
            changes("createWebhook", "POST", "/api/v1/webhooks", RequiredRole.admin),
            reads("getWebhook", "GET", "/api/v1/webhooks/{id}", RequiredRole.admin),
            changes("deleteWebhook", "DELETE", "/api/v1/webhooks/{id}", RequiredRole.admin),
            reads("listWebhookDeliveries", "GET", "/api/v1/webhooks/{id}/deliveries", RequiredRole.admin),
            reads("listWorkers", "GET", "/api/v1/workers", RequiredRole.viewer),
            changes("drainWorker", "POST", "/api/v1/workers/{id}/drain", RequiredRole.server_admin),
            changes("undrainWorker", "POST", "/api/v1/workers/{id}/undrain", RequiredRole.server_admin),
            reads("getOpenApi", "GET", "/openapi.yaml", RequiredRole.nothing),
            reads("getOpenApiJson", "GET", "/openapi.json", RequiredRole.nothing),
            reads("start page", "GET", "/", RequiredRole.nothing),
            reads("page of the sign-in", "GET", "/ui/sign-in", RequiredRole.nothing),
            reads("sign in", "POST", "/ui/sign-in", RequiredRole.nothing),
            reads("sign in at the issuer", "GET", "/ui/sign-in/issuer", RequiredRole.nothing),
            reads("return from the issuer", "GET", "/ui/sign-in/back", RequiredRole.nothing),
            reads("sign out", "POST", "/ui/sign-out", RequiredRole.viewer),
            reads("choose a project", "POST", "/ui/project", RequiredRole.viewer),
            reads("file of the page", "GET", "/files/{file}", RequiredRole.nothing),
            // A page shows what operations answer, each of which is checked again.
            reads("pages", "GET", "/ui", RequiredRole.viewer),
            reads("pages", "GET", "/ui/**", RequiredRole.viewer),
            reads("API reference", "GET", "/docs", RequiredRole.nothing),
            reads("file of the API reference", "GET", "/docs/{file}", RequiredRole.nothing),
            reads("readiness", "GET", "/actuator/health/**", RequiredRole.nothing),
            reads("health", "GET", "/actuator/health", RequiredRole.nothing),
            reads("info", "GET", "/actuator/info", RequiredRole.server_admin),
            reads("metrics", "GET", "/actuator/prometheus", RequiredRole.server_admin));

    private OperationPermissions() {}

    /** Returns the most specific operation that matches, as Spring does. */
    public static Optional<Operation> of(HttpServletRequest request) {
        HttpMethod method = HttpMethod.valueOf(request.getMethod());
        HttpMethod asked = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
        PathContainer path = path(request);
        return ALL.stream()
                .filter(operation ->
                        operation.method().equals(asked) && operation.path().matches(path))
                .min(Comparator.comparing(Operation::path));
    }

    /** Returns the operation of the contract with an {@code operationId}. */
    public static Operation named(String id) {
        return ALL.stream()
                .filter(operation -> operation.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation " + id));
    }

    /** Returns the methods of the path, none if the path does not exist. */
    public static Set<HttpMethod> methods(HttpServletRequest request) {
        PathContainer path = path(request);
        return ALL.stream()
                .filter(operation -> operation.path().matches(path))
                .map(Operation::method)
                .collect(Collectors.toSet());
    }

    private static PathContainer path(HttpServletRequest request) {
        return ServletRequestPathUtils.parse(request).pathWithinApplication();
    }
}
