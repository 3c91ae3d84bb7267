package dev.anneal.dataset.rows;

import dev.anneal.dataset.parquet.ParquetField;
import dev.anneal.dataset.parquet.ParquetWriter;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows as a Parquet file that can be uploaded again. Labels and tags are numbers. Their names are in the metadata that Hugging
 * Face's datasets write and read.
 */
public final class RowParquet {
    private static final List<String> NAMED = List.of("label", "labels", "tags");

    private final List<String> columns;
    private final List<String> messageKeys;
    private final List<String> names;
    private final Map<String, Integer> numbers = new HashMap<>();

    /**
     * Creates the file's layout.
     *
     * @param columns in their order
     * @param messageKeys the keys that messages have besides role and content
     * @param names of the labels or tags
     */
    public RowParquet(List<String> columns, List<String> messageKeys, List<String> names) {
        this.columns = columns;
        this.messageKeys = messageKeys;
        this.names = names;
        names.forEach(name -> numbers.put(name, numbers.size()));
    }

    public void write(RowSource rows, OutputStream out) throws IOException {
        List<ParquetField> fields = columns.stream().map(this::field).toList();
        ParquetWriter writer = new ParquetWriter(out, fields, Map.of("huggingface", features(fields)));
        rows.forEach(row -> {
            ObjectNode values = Json.MAPPER.createObjectNode();
            for (String column : columns) {
                JsonNode value = RowLines.value(row, column);
                if (value != null) {
                    values.set(column, NAMED.contains(column) ? numbered(value) : value);
                }
            }
            writer.write(values.put("split", row.split()));
        });
        writer.finish();
    }

    private JsonNode numbered(JsonNode value) {
        if (!value.isArray()) {
            return Json.MAPPER.getNodeFactory().numberNode(number(value));
        }
        ArrayNode list = Json.MAPPER.createArrayNode();
        value.forEach(name -> list.add(number(name)));
        return list;
    }

    private int number(JsonNode name) {
        return Objects.requireNonNull(numbers.get(name.asString()), "a label that the dataset does not count");
    }

    private ParquetField field(String column) {
        return switch (column) {
            case "label" -> ParquetField.integer(column);
            case "labels", "tags" -> ParquetField.list(column, ParquetField.integer("element"));
            case "tokens" -> ParquetField.list(column, ParquetField.text("element"));
            case "score" -> ParquetField.real(column);
            case "messages" -> {
                List<ParquetField> keys = new ArrayList<>();
                keys.add(ParquetField.text("role"));
                keys.add(ParquetField.text("content"));
                for (String key : messageKeys) {
                    keys.add(key.equals("weight") ? ParquetField.integer(key) : ParquetField.text(key));
                }
                yield ParquetField.list(column, ParquetField.struct("element", keys));
            }
            default -> ParquetField.text(column);
        };
    }

    /** Returns the types of the columns as Hugging Face's datasets write them. */
    private String features(List<ParquetField> fields) {
        ObjectNode features = Json.MAPPER.createObjectNode();
        fields.forEach(field -> features.set(field.name(), feature(field, NAMED.contains(field.name()))));
        ObjectNode info = Json.MAPPER.createObjectNode().set("features", features);
        return Json.write(Json.MAPPER.createObjectNode().set("info", info));
    }

    private JsonNode feature(ParquetField field, boolean isNamed) {
        ObjectNode feature = Json.MAPPER.createObjectNode();
        switch (field.type()) {
            case LIST -> {
                ParquetField item = field.fields().get(0);
                if (item.type() == ParquetField.Type.STRUCT) {
                    // A Sequence of a struct would be a struct of lists.
                    return Json.MAPPER.createArrayNode().add(feature(item, false));
                }
                feature.set("feature", feature(item, isNamed));
                feature.put("_type", "Sequence");
            }
            case STRUCT -> field.fields().forEach(inner -> feature.set(inner.name(), feature(inner, false)));
            case INTEGER -> {
                if (isNamed) {
                    ArrayNode list = feature.putArray("names");
                    names.forEach(list::add);
                    feature.put("_type", "ClassLabel");
                } else {
                    feature.put("dtype", "int64").put("_type", "Value");
                }
            }
            case REAL -> feature.put("dtype", "float64").put("_type", "Value");
            case TEXT -> feature.put("dtype", "string").put("_type", "Value");
        }
        return feature;
    }
}
