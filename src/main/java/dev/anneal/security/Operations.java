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
 * The one table of who may do what. A path that is not in it is there for nobody, so that a new operation is closed until
 * somebody has thought about it.
 */
final class Operations {
    static final List<Operation> ALL = List.of(
            changes("createDataset", "POST", "/api/v1/datasets", Need.editor),
            reads("listDatasets", "GET", "/api/v1/datasets", Need.viewer),
            reads("getDataset", "GET", "/api/v1/datasets/{id}", Need.viewer),
            changes("deleteDataset", "DELETE", "/api/v1/datasets/{id}", Need.editor),
            reads("listDatasetRows", "GET", "/api/v1/datasets/{id}/rows", Need.viewer),
            reads("listDatasetProblems", "GET", "/api/v1/datasets/{id}/problems", Need.viewer),
            reads("getDatasetStatistics", "GET", "/api/v1/datasets/{id}/statistics", Need.viewer),
            changes("createJob", "POST", "/api/v1/jobs", Need.editor),
            reads("listJobs", "GET", "/api/v1/jobs", Need.viewer),
            reads("estimateJob", "POST", "/api/v1/jobs/estimate", Need.viewer),
            reads("getJob", "GET", "/api/v1/jobs/{id}", Need.viewer),
            changes("cancelJob", "POST", "/api/v1/jobs/{id}/cancel", Need.editor),
            changes("pauseJob", "POST", "/api/v1/jobs/{id}/pause", Need.editor),
            changes("resumeJob", "POST", "/api/v1/jobs/{id}/resume", Need.editor),
            reads("listJobEvents", "GET", "/api/v1/jobs/{id}/events", Need.viewer),
            reads("getJobReport", "GET", "/api/v1/jobs/{id}/report", Need.viewer),
            reads("listCheckpoints", "GET", "/api/v1/jobs/{id}/checkpoints", Need.viewer),
            changes("publishCheckpoint", "POST", "/api/v1/jobs/{id}/checkpoints/{step}/publish", Need.editor),
            changes("importModel", "POST", "/api/v1/models", Need.editor),
            reads("listModels", "GET", "/api/v1/models", Need.viewer),
            reads("getModel", "GET", "/api/v1/models/{id}", Need.viewer),
            changes("deleteModel", "DELETE", "/api/v1/models/{id}", Need.editor),
            reads("listModelEvents", "GET", "/api/v1/models/{id}/events", Need.viewer),
            reads("downloadModel", "GET", "/api/v1/models/{id}/download", Need.viewer),
            reads("predict", "POST", "/api/v1/models/{id}/predict", Need.viewer),
            reads("generate", "POST", "/api/v1/models/{id}/generate", Need.viewer),
            reads("listProjects", "GET", "/api/v1/projects", Need.admin),
            changes("createProject", "POST", "/api/v1/projects", Need.server_admin),
            reads("getProject", "GET", "/api/v1/projects/{id}", Need.admin),
            changes("updateProject", "PATCH", "/api/v1/projects/{id}", Need.server_admin),
            reads("listKeys", "GET", "/api/v1/keys", Need.admin),
            changes("createKey", "POST", "/api/v1/keys", Need.admin),
            reads("getKey", "GET", "/api/v1/keys/{id}", Need.admin),
            changes("revokeKey", "DELETE", "/api/v1/keys/{id}", Need.admin),
            reads("listAudit", "GET", "/api/v1/audit", Need.admin),
            reads("listWebhooks", "GET", "/api/v1/webhooks", Need.admin),
            changes("createWebhook", "POST", "/api/v1/webhooks", Need.admin),
            reads("getWebhook", "GET", "/api/v1/webhooks/{id}", Need.admin),
            changes("deleteWebhook", "DELETE", "/api/v1/webhooks/{id}", Need.admin),
            reads("listWebhookDeliveries", "GET", "/api/v1/webhooks/{id}/deliveries", Need.admin),
            reads("listWorkers", "GET", "/api/v1/workers", Need.viewer),
            changes("drainWorker", "POST", "/api/v1/workers/{id}/drain", Need.server_admin),
            changes("undrainWorker", "POST", "/api/v1/workers/{id}/undrain", Need.server_admin),
            reads("getOpenApi", "GET", "/openapi.yaml", Need.nothing),
            reads("readiness", "GET", "/actuator/health/**", Need.nothing),
            reads("health", "GET", "/actuator/health", Need.nothing),
            reads("info", "GET", "/actuator/info", Need.server_admin),
            reads("metrics", "GET", "/actuator/prometheus", Need.server_admin));

    private Operations() {}

    /** The most specific one, as Spring picks its handler. */
    static Optional<Operation> of(HttpServletRequest request) {
        HttpMethod method = HttpMethod.valueOf(request.getMethod());
        HttpMethod asked = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
        PathContainer path = path(request);
        return ALL.stream()
                .filter(operation ->
                        operation.method().equals(asked) && operation.path().matches(path))
                .min(Comparator.comparing(Operation::path));
    }

    /** The methods with which the path can be called; none where there is no such path. */
    static Set<HttpMethod> methods(HttpServletRequest request) {
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
