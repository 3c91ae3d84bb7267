package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.parquet.ParquetField;
import dev.anneal.dataset.parquet.ParquetWriter;
import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Files that pyarrow wrote; make.py beside them says how. */
class ParquetRowsTest {
    private static final Path FILES = Path.of("src/test/resources/datasets");
    private static final Layout LAYOUT = new Layout(",", true);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"snappy.parquet", "plain-v2.parquet", "gzip.parquet", "lz4.parquet", "zstd-delta.parquet"})
    void everyValueIsReadAsItWasWritten(String name) throws IOException {
        List<String> expected = Files.readAllLines(FILES.resolve("rows.jsonl")).stream()
                .map(line -> shown(Json.MAPPER.readTree(line)))
                .toList();

        List<String> rows = new ArrayList<>();
        try (RowReader reader = open(FILES.resolve(name), 1_000_000)) {
            assertThat(reader.columns())
                    .containsExactly(
                            "text",
                            "label",
                            "score",
                            "flag",
                            "count",
                            "tokens",
                            "ner_tags",
                            "messages",
                            "deep",
                            "price",
                            "meta");
            for (RawRow row = reader.next(); row != null; row = reader.next()) {
                assertThat(row.line()).isEqualTo(rows.size() + 1);
                rows.add(shown(Json.MAPPER.createObjectNode().setAll(row.values())));
            }
        }
        assertThat(rows).isEqualTo(expected);
    }

    @Test
    void theNamesOfClassLabelsAreFound() throws IOException {
        try (RowReader reader = open(FILES.resolve("snappy.parquet"), 1_000_000)) {
            assertThat(reader.labelNames())
                    .isEqualTo(Map.of(
                            "label", Map.of("0", "bad", "1", "fair", "2", "good"),
                            "ner_tags", Map.of("0", "O", "1", "B-X")));
        }
    }

    @Test
    void datesAndTimesAreReadAsText() throws IOException {
        try (RowReader reader = open(FILES.resolve("times.parquet"), 1_000_000)) {
            assertThat(texts(reader.next().values()))
                    .isEqualTo(
                            "1994-05-31 1994-05-31T09:30:15.250Z 1994-05-31T09:30:15.250125Z 1994-05-31T09:30:15.250125Z");
            assertThat(texts(reader.next().values()))
                    .isEqualTo("1969-12-31 1969-12-31T23:59:59.500Z 1969-12-31T23:59:59.500Z 1969-12-31T23:59:59.500Z");
        }
    }

    private static String texts(Map<String, JsonNode> values) {
        return String.join(
                " ",
                List.of("day", "millis", "micros", "nanos").stream()
                        .map(column -> values.get(column).stringValue())
                        .toList());
    }

    @Test
    void numbersWithoutSignsAndTimesOfSparkAreReadAsTheyWereMeant() throws IOException {
        try (RowReader reader = open(FILES.resolve("unsigned.parquet"), 1_000_000)) {
            assertThat(reader.next().values().toString())
                    .contains(
                            "small=1,",
                            "large=9223372036854775807",
                            "deltas=4294967295",
                            "1994-05-31T09:30:15.250125Z");
            assertThat(reader.next().values().toString())
                    .contains("small=4294967295", "large=18446744073709551615", "deltas=7", "1969-12-31T23:59:59.500Z");
        }
    }

    @Test
    void rowsThatAFooterLeavesOutAreNotDropped() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ParquetWriter writer = new ParquetWriter(out, List.of(ParquetField.text("text")), Map.of());
        for (int i = 0; i < 20; i++) {
            writer.write(Json.MAPPER.createObjectNode().put("text", "row " + i));
        }
        writer.finish();
        byte[] whole = out.toByteArray();
        read(whole);
        // A field that follows the one before, of 64 bits, with the number 20: in the footer, in each column, and in
        // the row group.
        List<Integer> counts = IntStream.range(0, whole.length - 1)
                .filter(i -> whole[i] == 0x16 && whole[i + 1] == 2 * 20)
                .boxed()
                .toList();
        byte[] fewer = whole.clone();
        fewer[counts.get(0) + 1] = 2 * 10;
        byte[] fewerInGroup = fewer.clone();
        fewerInGroup[counts.get(counts.size() - 1) + 1] = 2 * 10;

        assertThatThrownBy(() -> read(fewer))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("it says that it has 10 rows, but its row groups have 20");
        assertThatThrownBy(() -> read(fewerInGroup))
                .isInstanceOf(UnreadableRow.class)
                .hasMessageContaining("a column has more values than there are rows");
    }

    @Test
    void aFooterThatLiesIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(FILES.resolve("snappy.parquet"));
        byte[] longer = whole.clone();
        longer[whole.length - 5] = 0x7F;
        byte[] shorter = whole.clone();
        shorter[whole.length - 8] -= 9;

        assertThatThrownBy(() -> read(longer)).isInstanceOf(Problem.class).hasMessageContaining("footer is longer");
        assertThatThrownBy(() -> read(shorter)).isInstanceOf(Problem.class).hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> read(java.util.Arrays.copyOf(whole, whole.length - 1)))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("not complete");
    }

    @Test
    void aRowThatIsTooLongEndsTheReading() {
        assertThatThrownBy(() -> {
                    try (RowReader reader = open(FILES.resolve("snappy.parquet"), 100)) {
                        while (reader.next() != null) {
                            // until a row is too long
                        }
                    }
                })
                .isInstanceOf(UnreadableRow.class)
                .hasMessageContaining("100 characters");
    }

    private void read(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("x.parquet"), bytes);
        try (RowReader reader = open(file, 1_000_000)) {
            while (reader.next() != null) {
                // all rows
            }
        }
    }

    private RowReader open(Path file, long maxRow) throws IOException {
        return FileFormat.parquet.open(
                file, LAYOUT, new ReaderLimits(maxRow, new UnpackLimit(1L << 30, 100), directory));
    }

    /** Renders a value without the fields that are null, and numbers without trailing zeros. */
    private static String shown(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> fields = new TreeMap<>();
            node.properties().stream()
                    .filter(field -> !field.getValue().isNull())
                    .forEach(field -> fields.put(field.getKey(), shown(field.getValue())));
            return fields.toString();
        }
        if (node.isArray()) {
            return node.valueStream().map(ParquetRowsTest::shown).toList().toString();
        }
        return node.isNumber() ? node.decimalValue().stripTrailingZeros().toPlainString() : node.toString();
    }
}
