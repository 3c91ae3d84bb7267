package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.dataset.unpack.Encoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextRowsTest {
    @Test
    void rowsHaveTheirLineNumbersWithAnyKindOfLineEnd() throws IOException {
        assertThat(lines("a\nb\n\nc\n\n\n\nd")).containsExactly("1-2 a\nb", "4-4 c", "8-8 d");
        assertThat(lines("a\r\nb\r\n\r\nc\r\n")).containsExactly("1-2 a\nb", "4-4 c");
        assertThat(lines("a\rb\r\rc")).containsExactly("1-2 a\nb", "4-4 c");
        assertThat(lines("\n \n\t\n")).isEmpty();
    }

    @Test
    void aLongParagraphIsSplitAtTheEndOfALine() throws IOException {
        String line = "x".repeat(1_499);
        List<RawRow> rows = rows((line + "\n").repeat(5) + "\nend\n");

        assertThat(rows.stream().map(row -> row.line() + "-" + row.lastLine()))
                .containsExactly("1-2", "3-4", "5-5", "7-7");
        assertThat(text(rows.get(0))).isEqualTo(line + "\n" + line);
    }

    @Test
    void aLongLineIsSplitAtASpaceOrElseBetweenWholeCharacters() throws IOException {
        String words = "word ".repeat(2_000);
        List<RawRow> cut = rows(words);
        List<RawRow> faces = rows("x" + "\ud83d\ude00".repeat(5_000));

        assertThat(cut)
                .hasSize(3)
                .allSatisfy(row -> assertThat(text(row))
                        .hasSizeLessThanOrEqualTo(TextRows.MAX_ROW)
                        .startsWith("word")
                        .endsWith("word"));
        assertThat(String.join("", faces.stream().map(TextRowsTest::text).toList()))
                .isEqualTo("x" + "\ud83d\ude00".repeat(5_000));
        assertThat(faces)
                .allSatisfy(row -> assertThat(Character.isHighSurrogate(
                                text(row).charAt(text(row).length() - 1)))
                        .isFalse());
    }

    @Test
    void spacesAloneAreNotARow() throws IOException {
        assertThat(lines(" ".repeat(100_000) + "a" + " ".repeat(100_000) + "\nb"))
                .hasSizeLessThanOrEqualTo(2);
    }

    private static List<String> lines(String file) throws IOException {
        return rows(file).stream()
                .map(row -> row.line() + "-" + row.lastLine() + " " + text(row))
                .toList();
    }

    private static String text(RawRow row) {
        return row.values().get("text").asString();
    }

    private static List<RawRow> rows(String file) throws IOException {
        TextRows reader = new TextRows(new TextReader(
                new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)), Encoding.UTF_8, 20_000));
        List<RawRow> rows = new ArrayList<>();
        for (RawRow row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        return rows;
    }
}
