package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Rules for openapi.yaml, each of which a client generator needs: without it, the generated client does not compile, or it
 * cannot read an answer. bench/clients generates, compiles and runs seven clients.
 */
class GeneratorsTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    private final Map<String, Object> document = document();
    private final Map<String, Object> schemas =
            object(object(document.get("components")).get("schemas"));
    private final List<String> faults = new ArrayList<>();

    /** typescript-fetch and Java import a type that they do not write; Python and Go cannot send the second type. */
    @Test
    void aRequestBodyHasOneMediaType() {
        operations((id, operation) -> {
            Map<String, Object> content =
                    object(object(operation.get("requestBody")).get("content"));
            fault(content.size() > 1, id + " accepts " + content.keySet());
        });

        assertThat(faults).isEmpty();
    }

    /** openapi-python-client leaves an answer of another type out, and reads it as the default answer instead. */
    @Test
    void anAnswerHasATypeThatGeneratorsKnow() {
        Set<String> known = Set.of(
                "application/json",
                "application/problem+json",
                "application/octet-stream",
                "text/event-stream",
                "text/html");
        operations((id, operation) -> object(operation.get("responses")).forEach((status, response) -> {
            Set<String> types =
                    new TreeSet<>(object(object(response).get("content")).keySet());
            types.removeAll(known);
            boolean ofTheServer = List.of("getOpenApi", "readiness").contains(id);
            fault(!types.isEmpty() && !ofTheServer, id + " " + status + " answers " + types);
        }));

        assertThat(faults).isEmpty();
    }

    /** Generated clients accept all types of an answer, but read only one of them. docs/clients.md has programs that read streams. */
    @Test
    void anAnswerHasOneTypeUnlessItCanBeAStream() {
        operations((id, operation) -> object(operation.get("responses")).forEach((status, response) -> {
            Set<String> types =
                    new TreeSet<>(object(object(response).get("content")).keySet());
            types.remove("text/event-stream");
            fault(types.size() > 1, id + " " + status + " answers " + types);
        }));

        assertThat(faults).isEmpty();
    }

    /** Generators name an inline schema after its operation or its number, such as ListJobs200Response or SubsetType0. */
    @Test
    void anAnswerAndABodyAreNamedSchemas() {
        operations((id, operation) -> {
            contents(object(operation.get("requestBody")), id + " request");
            object(operation.get("responses")).forEach((status, it) -> contents(object(it), id + " " + status));
        });

        assertThat(faults).isEmpty();
    }

    /** openapi-python-client reads a schema that can be null twice, and refuses the second class for an object in it. */
    @Test
    void aSchemaThatCanBeNullHasNoInlineObject() {
        schemas.forEach((name, schema) -> {
            if (Boolean.TRUE.equals(object(schema).get("nullable"))) {
                object(schema)
                        .forEach((key, part) -> walk(
                                name + "." + key,
                                part,
                                (at, node) -> fault("object".equals(node.get("type")), at + " is an inline object")));
            }
        });

        assertThat(faults).isEmpty();
    }

    private void contents(Map<String, Object> message, String at) {
        object(message.get("content")).forEach((type, content) -> {
            Map<String, Object> schema = object(object(content).get("schema"));
            boolean fields = schema.containsKey("properties") || "array".equals(schema.get("type"));
            fault(fields, at + " has an inline schema");
        });
    }

    /** In Go, NewProject is the function that makes a Project, so a schema cannot have that name. */
    @Test
    void noSchemaHasTheNameOfAConstructorInGo() {
        for (String name : schemas.keySet()) {
            fault(name.matches("New[A-Z].*") && schemas.containsKey(name.substring(3)), name);
        }

        assertThat(faults).isEmpty();
    }

    /** typescript-fetch names the parameters of `generate` GenerateRequest; Go does so, too. */
    @Test
    void noSchemaHasTheNameOfTheParametersOfAnOperation() {
        operations((id, operation) -> {
            String type = Character.toUpperCase(id.charAt(0)) + id.substring(1);
            for (String suffix : List.of("Request", "OperationRequest", "Params", "Parameters")) {
                fault(schemas.containsKey(type + suffix), "the schema " + type + suffix);
            }
        });

        assertThat(faults).isEmpty();
    }

    /** In Go, the values of all named enums are constants of one package. */
    @Test
    void noTwoNamedEnumsHaveAValueInCommon() {
        Map<Object, String> owners = new HashMap<>();
        schemas.forEach((name, schema) -> {
            Object names = object(schema)
                    .getOrDefault("x-enum-varnames", object(schema).get("enum"));
            if (names instanceof List<?> values) {
                for (Object value : values) {
                    String owner = owners.putIfAbsent(String.valueOf(value).toUpperCase(), name);
                    fault(owner != null, value + " is in " + owner + " and " + name);
                }
            }
        });

        assertThat(faults).isEmpty();
    }

    /** Otherwise Python has TEXT_MINUS_CLASSIFICATION, and Java JOB_DOT_QUEUED. */
    @Test
    void namedEnumsWithSignsInTheirValuesHaveNamesForPrograms() {
        schemas.forEach((name, schema) -> {
            if (object(schema).get("enum") instanceof List<?> values) {
                boolean signs =
                        values.stream().anyMatch(value -> !String.valueOf(value).matches("\\w+"));
                fault(signs && !object(schema).containsKey("x-enum-varnames"), name);
            }
        });

        assertThat(faults).isEmpty();
    }

    /** Java (native) writes `List<String>.class` for a list in oneOf, and `Map<String, Double>.class` for a map. */
    @Test
    void theChoicesOfOneOfAreNeitherListsNorMaps() {
        schemas.forEach((name, schema) -> walk(name, schema, (at, node) -> {
            for (String choice : List.of("oneOf", "anyOf")) {
                if (node.get(choice) instanceof List<?> choices) {
                    for (Object each : choices) {
                        Map<String, Object> target = object(each);
                        if (target.get("$ref") instanceof String reference) {
                            target = object(schemas.get(reference.replaceFirst(".*/", "")));
                        }
                        fault(
                                "array".equals(target.get("type"))
                                        || target.containsKey("additionalProperties")
                                                && !target.containsKey("properties"),
                                at + " has a list or a map in " + choice);
                    }
                }
            }
        }));

        assertThat(faults).isEmpty();
    }

    /** Java sends an empty list or map for one that the caller left out, unless it can be null. */
    @Test
    void aListOrMapThatARequestCanLeaveOutCanBeNull() {
        Set<String> sent = new TreeSet<>();
        operations((id, operation) -> collect(body(operation, "application/json"), sent));
        for (String name : sent) {
            Map<String, Object> schema = object(schemas.get(name));
            object(schema.get("properties")).forEach((field, it) -> {
                boolean required = schema.get("required") instanceof List<?> names && names.contains(field);
                boolean listOrMap = "array".equals(object(it).get("type"))
                        || object(it).get("additionalProperties") instanceof Map<?, ?>;
                fault(listOrMap && !required && !Boolean.TRUE.equals(object(it).get("nullable")), name + "." + field);
            });
        }

        assertThat(sent).contains("JobRequest", "TextInput");
        assertThat(faults).isEmpty();
    }

    /** Java (native) throws for a file that is null, but sends no part for an empty list. */
    @Test
    void aFileThatAFormCanLeaveOutIsAList() {
        Set<String> forms = new TreeSet<>();
        operations((id, operation) -> collect(body(operation, "multipart/form-data"), forms));
        for (String name : forms) {
            Map<String, Object> schema = object(schemas.get(name));
            object(schema.get("properties")).forEach((field, it) -> {
                boolean required = schema.get("required") instanceof List<?> names && names.contains(field);
                fault(!required && "binary".equals(object(it).get("format")), name + "." + field);
            });
        }

        assertThat(forms).contains("DatasetUpload");
        assertThat(faults).isEmpty();
    }

    private static Object body(Map<String, Object> operation, String type) {
        return object(
                object(object(operation.get("requestBody")).get("content")).get(type));
    }

    /** Collects the names of all schemas that a part refers to. */
    private void collect(Object node, Set<String> names) {
        if (node instanceof List<?> list) {
            list.forEach(item -> collect(item, names));
        } else if (node instanceof Map<?, ?>) {
            object(node).forEach((key, value) -> {
                if (key.equals("$ref")) {
                    String name = String.valueOf(value).replaceFirst(".*/", "");
                    if (names.add(name)) {
                        collect(schemas.get(name), names);
                    }
                } else {
                    collect(value, names);
                }
            });
        }
    }

    /** openapi-typescript requires a field with a default, even if a request can leave it out. */
    @Test
    void noFieldHasADefault() {
        schemas.forEach((name, schema) ->
                walk(name, schema, (at, node) -> fault(node.containsKey("default"), at + " has a default")));

        assertThat(faults).isEmpty();
    }

    private void fault(boolean bad, String what) {
        if (bad) {
            faults.add(what);
        }
    }

    private static void walk(String at, Object node, BiConsumer<String, Map<String, Object>> visitor) {
        if (node instanceof List<?> list) {
            list.forEach(item -> walk(at, item, visitor));
        } else if (node instanceof Map<?, ?>) {
            visitor.accept(at, object(node));
            object(node).forEach((name, value) -> walk(at + "." + name, value, visitor));
        }
    }

    private void operations(BiConsumer<String, Map<String, Object>> visitor) {
        object(document.get("paths"))
                .forEach((path, item) -> object(item).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        visitor.accept((String) object(operation).get("operationId"), object(operation));
                    }
                }));
    }

    private static Map<String, Object> document() {
        try {
            return new Yaml().load(Files.readString(Path.of("openapi.yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object node) {
        return node instanceof Map<?, ?> ? (Map<String, Object>) node : Map.of();
    }
}
