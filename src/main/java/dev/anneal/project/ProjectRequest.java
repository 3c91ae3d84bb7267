package dev.anneal.project;

import dev.anneal.web.JsonFields;
import tools.jackson.databind.JsonNode;

/** The request to create or change a project. An absent field is not changed; JSON null removes a limit. */
record ProjectRequest(String id, String name, ProjectLimits limits) {
    private static final String SLUG = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    static ProjectRequest create(JsonNode body) {
        JsonFields fields = new JsonFields(body);
        String id = fields.required("id", 63);
        if (!id.isEmpty() && !id.matches(SLUG)) {
            fields.wrong(
                    "id",
                    "invalid_value",
                    "must have 1 to 63 lowercase letters, digits and hyphens, and no hyphen at its start or end");
        }
        String name = fields.name("name");
        return new ProjectRequest(id, name == null ? id : name, limits(fields, body, ProjectLimits.NONE));
    }

    static ProjectRequest update(JsonNode body, Project now) {
        JsonFields fields = new JsonFields(body);
        String name = fields.name("name");
        return new ProjectRequest(now.id(), name == null ? now.name() : name, limits(fields, body, now.limits()));
    }

    private static ProjectLimits limits(JsonFields fields, JsonNode body, ProjectLimits now) {
        JsonFields limits = fields.object("limits");
        JsonNode given = body.path("limits");
        Integer running = limits.integer("max_running_jobs", 0, Integer.MAX_VALUE);
        Double weight = limits.number("weight", 0.001, 1000);
        Integer queued = limits.integer("max_queued_jobs", 0, Integer.MAX_VALUE);
        Integer datasets = limits.integer("max_datasets", 0, Integer.MAX_VALUE);
        Double bytes = limits.number("max_storage_bytes", 0, 1e18);
        limits.refuseUnknown();
        fields.refuseUnknown();
        fields.done();
        return new ProjectLimits(
                given.has("max_running_jobs") ? running : now.maxRunningJobs(),
                weight != null ? weight : given.has("weight") ? 1 : now.weight(),
                given.has("max_queued_jobs") ? queued : now.maxQueuedJobs(),
                given.has("max_datasets") ? datasets : now.maxDatasets(),
                !given.has("max_storage_bytes")
                        ? now.maxStorageBytes()
                        : bytes == null ? null : Long.valueOf(bytes.longValue()));
    }
}
