package dev.anneal.dataset.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelimitedRowsTest {
    private static final int MEGABYTE = 1 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void rowsKeepTheNumbersOfTheirLinesBetweenEmptyLines(String end) throws IOException {
        String file = String.join(
                end,
                "", // 1
                "text,label", // 2
                "", // 3
                "", // 4
                "a,x", // 5
                "\"b", // 6
                "", // 7
                "c\",y", // 8
                "   ", // 9
                "", // 10
                "\"\",\"d", // 11
                "\"", // 12
                "", // 13
                "one field", // 14
                "\"e\"\"", // 15
                "\",z", // 16
                "", // 17
                "f,x"); // 18, without an end

        assertThat(lines(file)).containsExactly("5-5", "6-8", "11-12", "14-14 wrong_field_count", "15-16", "18-18");
        assertThat(lines(file + end + end)).endsWith("18-18");
    }

    @Test
    void aLineWithTheDelimiterIsSkippedOnlyIfItIsTheFirst() throws IOException {
        assertThat(lines("sep=,\ntext,label\na,b\n")).containsExactly("3-3");
        assertThat(open("\nsep=,\na,b\n").columns()).containsExactly("sep=", "column_2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void aFileOfEmptyLinesIsEmpty(String end) {
        assertThatThrownBy(() -> open(end.repeat(MEGABYTE)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("empty_file"));
    }

    /** Returns the first and the last line of each row, and its fault. */
    private static List<String> lines(String file) throws IOException {
        List<String> lines = new ArrayList<>();
        RowReader rows = open(file);
        for (RawRow row = rows.next(); row != null; row = rows.next()) {
            lines.add(row.line() + "-" + row.lastLine()
                    + (row.fault() == null ? "" : " " + row.fault().code()));
        }
        return lines;
    }

    private static RowReader open(String file) throws IOException {
        return FileFormat.csv.open(
                new ByteArrayInputStream(file.getBytes(UTF_8)), Encoding.UTF_8, new Layout(",", true), 16_000_000);
    }
}
