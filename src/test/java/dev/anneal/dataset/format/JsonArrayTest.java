package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonArrayTest {
    private static final int MAX_ROW = 20_000;
    private static final Layout LAYOUT = new Layout(",", true);

    @Test
    void eachObjectIsARowWithItsLines() throws IOException {
        assertThat(rows("\ufeff[\n  {\"text\": \"a\",\r\n   \"label\": 1},\r {\"label\":2,\"text\":\"b\"}]\n"))
                .containsExactly("2-3 {label=1, text=\"a\"}", "4-4 {label=2, text=\"b\"}");
    }

    @Test
    void theNamesInTheObjectsThatWereReadAreTheColumns() throws IOException {
        RowReader rows = open("[{\"text\":\"a\",\"label\":null},{\"other\":1}]");

        assertThat(rows.columns()).containsExactly("text", "label");
        assertThat(rows.next().values()).containsOnlyKeys("text");
        rows.next();
        assertThat(rows.columns()).containsExactly("text", "label", "other");
    }

    @Test
    void anElementThatIsNotAnObjectIsAProblemOfItsLines() throws IOException {
        assertThat(rows("[{\"a\":1},\n[1,\n{}], 3,\n{\"a\":2}]"))
                .containsExactly(
                        "1-1 {a=1}",
                        "2-3 The element of the array is not a JSON object.",
                        "3-3 The element of the array is not a JSON object.",
                        "4-4 {a=2}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [{"a":1},;{"a":2};{"a":3}]   | 3
            [{"a":1},;{"a":;}]           | 3
            [{"a":1},;{"a":2}            | 2
            [{"a":1}];[]                 | 2
            [{"a":1},;{"a":"\\x"}]       | 2
            """)
    void readingStopsAtMalformedJsonWithAProblemAtItsLine(String file, long line) throws IOException {
        RowReader rows = open(file.replace(';', '\n'));
        RawRow last = null;
        for (RawRow row = rows.next(); row != null; row = rows.next()) {
            last = row;
        }

        assertThat(last.fault().code()).isEqualTo("malformed_json");
        assertThat(last.line()).isEqualTo(line);
        assertThat(last.fault().message()).doesNotContain("Source", "tools.jackson");
    }

    @Test
    void aFileIsReadAsAStreamHoweverLongItIs() throws IOException {
        String file = "[" + "{\"text\":\"some words\"},\n".repeat(100_000) + "{}]";
        Json.MAPPER.readTree("[" + " ".repeat(30_000) + "]"); // the parser's next buffer is as long

        RowReader rows = open(file);
        long count = 0;
        for (RawRow row = rows.next(); row != null; row = rows.next()) {
            count++;
            assertThat(row.fault()).isNull();
        }
        assertThat(file.length()).isGreaterThan(100 * MAX_ROW);
        assertThat(count).isEqualTo(100_001);
    }

    @Test
    void aRowThatIsTooLongIsNotHeldInMemory() {
        assertThatThrownBy(() -> rows("[{\"text\":\"" + "x".repeat(10 * MAX_ROW) + "\"}]"))
                .isInstanceOf(UnreadableRow.class);
    }

    @Test
    void aRowWithTooManyValuesIsRefused() throws IOException {
        String file = "[{\"a\":1},\n{\"b\":[" + "1,".repeat(600_000) + "1]}]";

        RowReader rows = FileFormat.json.open(bytes(file), Encoding.UTF_8, LAYOUT, 16_000_000);
        rows.next();
        assertThat(rows.next().fault().message()).contains("more than 500,000 names and values");
        assertThat(rows.next()).isNull();
    }

    private static List<String> rows(String file) throws IOException {
        List<String> shown = new ArrayList<>();
        RowReader rows = open(file);
        for (RawRow row = rows.next(); row != null; row = rows.next()) {
            Object content = row.fault() == null
                    ? new java.util.TreeMap<>(row.values())
                    : row.fault().message();
            shown.add(row.line() + "-" + row.lastLine() + " " + content);
        }
        return shown;
    }

    private static RowReader open(String file) throws IOException {
        return FileFormat.json.open(bytes(file), Encoding.UTF_8, LAYOUT, MAX_ROW);
    }

    private static ByteArrayInputStream bytes(String file) {
        return new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8));
    }
}
