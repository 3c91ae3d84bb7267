package dev.anneal.page.api;

import dev.anneal.role.ForRole;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** The parts of the contract that forms need, so that no page lists them again: the fields of a request, and the values of a choice. */
@Component
@ForRole("api")
public class Contract {
    private final Api api;
    private volatile @Nullable JsonNode schemas;

    Contract(Api api) {
        this.api = api;
    }

    /** Returns the names of the fields of a schema, in the order of the contract. */
    public List<String> fields(String schema) {
        return List.copyOf(schema(schema).path("properties").propertyNames());
    }

    /** Returns the values of a schema that is a choice. */
    public List<String> values(String schema) {
        return values(schema(schema), schema);
    }

    /** Returns the values of a field that is a choice. */
    public List<String> values(String schema, String field) {
        return values(schema(schema).path("properties").path(field), schema + "." + field);
    }

    private static List<String> values(JsonNode choice, String name) {
        List<String> values =
                choice.path("enum").valueStream().map(JsonNode::asString).toList();
        if (values.isEmpty()) {
            throw new IllegalArgumentException(name + " is no choice");
        }
        return values;
    }

    private JsonNode schema(String name) {
        JsonNode known = schemas;
        if (known == null) {
            known = api.get("/openapi.json").path("components").path("schemas");
            schemas = known;
        }
        if (!known.has(name)) {
            throw new IllegalArgumentException("no schema " + name);
        }
        return known.path(name);
    }
}
