package dev.anneal.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** The operations of openapi.yaml. */
public final class Operations {
    /** One of them; {@code path} has its parameters in braces, {@code keyed} tells if it accepts an Idempotency-Key. */
    public record Operation(String id, String method, String path, boolean open, boolean form, boolean keyed) {
        @Override
        public String toString() {
            return id;
        }
    }

    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");

    private Operations() {}

    @SuppressWarnings("unchecked")
    public static List<Operation> all() {
        List<Operation> all = new ArrayList<>();
        Map<String, Map<String, Object>> paths =
                (Map<String, Map<String, Object>>) document().get("paths");
        paths.forEach((path, item) -> METHODS.stream().filter(item::containsKey).forEach(method -> {
            Map<String, Object> operation = (Map<String, Object>) item.get(method);
            boolean open = operation.get("security") instanceof List<?> none && none.isEmpty();
            boolean form = String.valueOf(operation.get("requestBody")).contains("multipart/form-data");
            boolean keyed = String.valueOf(operation.get("parameters")).contains("/IdempotencyKey");
            all.add(new Operation(
                    (String) operation.get("operationId"), method.toUpperCase(), path, open, form, keyed));
        }));
        return all;
    }

    private static Map<String, Object> document() {
        try {
            return new Yaml().load(Files.readString(Path.of("openapi.yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
