package dev.anneal.model;

import dev.anneal.model.source.HubSource;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** A validated request to import a model from a hub: its source and the name that it gets. */
record ImportRequest(HubSource source, String name) {
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "model", "source",
            "model_id", "source",
            "repo", "source",
            "repo_id", "source",
            "path", "source",
            "url", "source",
            "branch", "revision",
            "ref", "revision");

    static ImportRequest of(JsonNode body) {
        JsonFields fields = new JsonFields(body, OTHER_NAMES);
        String source = fields.required("source", 200);
        String revision = fields.string("revision", 200);
        String name = fields.string("name", 200);
        fields.refuseUnknown();
        revision = revision == null ? "main" : revision;
        HubSource hub = source.isEmpty() ? null : HubSource.parse(source, revision);
        if (!source.isEmpty() && hub == null) {
            fields.wrong("source", "invalid_source", "must be hf:org/name, the name of a model at the hub");
        }
        if (!HubSource.isRevision(revision)) {
            fields.wrong("revision", "invalid_revision", "must be a branch, a tag or a commit");
        }
        fields.done();
        Objects.requireNonNull(hub, "done() refuses a request without a source");
        String chosen = name == null ? hub.repository() : name;
        checkName(chosen);
        return new ImportRequest(hub, chosen);
    }

    /** Checks the name of a base model: as on the hub, with or without an organisation, and unlike an id. */
    static void checkName(String name) {
        String segment = "[A-Za-z0-9_][A-Za-z0-9._-]{0,95}";
        if (!name.matches("(?:" + segment + "/)?" + segment) || name.matches("(?i)(mdl|job|ds|key)_.*")) {
            throw Problem.invalid(
                    "name",
                    "invalid_name",
                    "'name' must have the form org/name or name, of letters, digits, '.', '_' and '-', and must not look like an id.");
        }
    }
}
