package dev.anneal.dataset.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Files that are written and read again, with the same values. */
class ParquetWriterTest {
    private static final List<ParquetField> FIELDS = List.of(
            ParquetField.text("text"),
            ParquetField.integer("number"),
            ParquetField.real("real"),
            ParquetField.list("words", ParquetField.text("element")),
            ParquetField.list(
                    "messages",
                    ParquetField.struct(
                            "element", List.of(ParquetField.text("role"), ParquetField.integer("weight")))));

    @TempDir
    Path directory;

    private Path write(List<ObjectNode> rows) throws IOException {
        Path file = directory.resolve("rows.parquet");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            ParquetWriter writer = new ParquetWriter(out, FIELDS, Map.of("huggingface", "{}"));
            for (ObjectNode row : rows) {
                writer.write(row);
            }
            writer.finish();
        }
        return file;
    }

    private static List<String> read(Path path) throws IOException {
        List<String> rows = new ArrayList<>();
        try (ParquetFile file = ParquetFile.open(path, 64 << 20, 64 << 20, unpacked -> {})) {
            assertThat(file.columns()).containsExactly("text", "number", "real", "words", "messages");
            for (Map<String, JsonNode> row = file.next(); row != null; row = file.next()) {
                rows.add(new TreeMap<>(row).toString());
            }
        }
        return rows;
    }

    private static String shown(ObjectNode row) {
        TreeMap<String, JsonNode> values = new TreeMap<>();
        row.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
        return values.toString();
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(30), 1, 0x2FFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static ObjectNode row(Random random) {
        ObjectNode row = Json.MAPPER.createObjectNode();
        if (random.nextInt(5) > 0) {
            row.put("text", text(random));
        }
        if (random.nextInt(5) > 0) {
            row.put("number", random.nextLong());
        }
        if (random.nextInt(5) > 0) {
            row.put("real", random.nextGaussian());
        }
        if (random.nextInt(5) > 0) {
            ArrayNode words = row.putArray("words");
            for (int i = random.nextInt(6); i > 0; i--) {
                words.add(text(random));
            }
        }
        if (random.nextInt(5) > 0) {
            ArrayNode messages = row.putArray("messages");
            for (int i = random.nextInt(4); i > 0; i--) {
                ObjectNode message = messages.addObject().put("role", "user");
                if (random.nextBoolean()) {
                    message.put("weight", random.nextInt(2));
                }
            }
        }
        return row;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 1_000, 40_000})
    void anyRowsAreReadAsTheyWereWritten(int count) throws IOException {
        Random random = new Random(count);
        List<ObjectNode> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row(random));
        }

        assertThat(read(write(rows)))
                .isEqualTo(rows.stream().map(ParquetWriterTest::shown).toList());
    }

    /** Without compression these texts have 300 MB, and less than 1 MB with it. */
    @Test
    void aRowGroupIsSmallAlsoWithoutCompression() throws IOException {
        String text = "a".repeat(1_000_000);
        List<ObjectNode> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(Json.MAPPER.createObjectNode().put("text", text));
        }

        byte[] bytes = Files.readAllBytes(write(rows));

        int length = ByteBuffer.wrap(bytes, bytes.length - 8, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        ByteArrayInputStream footer = new ByteArrayInputStream(bytes, bytes.length - 8 - length, length);
        List<Thrift.Struct> groups = new Thrift(footer, length).read().structs(4);
        assertThat(groups).hasSizeBetween(4, 6);
        assertThat(groups).allMatch(group -> group.whole(2, 0) < 70_000_000);
        assertThat(groups.stream().mapToLong(group -> group.whole(3, 0)).sum()).isEqualTo(300);
    }

    @Test
    void largeTextsAreInSeveralRowGroups() throws IOException {
        Random random = new Random(1);
        List<ObjectNode> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(500_000, 32, 0x24F).forEach(text::appendCodePoint);
            rows.add(Json.MAPPER.createObjectNode().put("text", text.toString()));
        }

        assertThat(read(write(rows)))
                .isEqualTo(rows.stream().map(ParquetWriterTest::shown).toList());
    }
}
