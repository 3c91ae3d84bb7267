package dev.anneal.dataset.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A field of an upload that has no effect on its files is refused by name. */
class UnusedFieldsTest {
    private static final String CSV = "text,label\na,0\nb,1\n";
    private static final String JSONL = "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"y\"}\n";
    private static final String SCORES = "text,score\na,0.5\nb,1\n";
    private static final String CONLL = "Ada B-PER\nlives O\nhere O\n";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x.jsonl | header      | false               | 'header' is only for CSV, TSV and Excel
            x.conll | header      | true                | 'header' is only for CSV, TSV and Excel
            s.csv   | label_names | ["no","yes"]        | 'label_names' is only for rows with labels or tags
            s.csv   | label_until | :                   | 'label_until' is only for rows with one label each
            x.conll | label_until | :                   | 'label_until' is only for rows with one label each
            x.csv   | file_labels | {"y.csv": "a"}      | 'file_labels' names 'y.csv', but no file is called so. Did you mean 'x.csv'?
            """)
    void aFieldWithoutEffectIsRefused(String name, String field, String value, String message) {
        Problem refused = catchThrowableOfType(Problem.class, () -> read(List.of(name), field, value));

        assertThat(refused.code()).isEqualTo("unused_field");
        assertThat(refused.errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).startsWith(message);
        });
    }

    @Test
    void aSeparatorOfLabelsNeedsTheirRoleWhichTheMessageNames() throws IOException {
        Problem refused = catchThrowableOfType(
                Problem.class,
                () -> read(List.of("x.csv"), "columns", "{\"label\":\"label\"}", "label_separator", ";"));

        assertThat(refused.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message())
                        .endsWith(
                                "no effect on these files. Name the column in 'columns' as {\"labels\": \"label\"}."));
        read(List.of("x.csv"), "columns", "{\"labels\":\"label\"}", "label_separator", ";");
        Problem ofScores = catchThrowableOfType(Problem.class, () -> read(List.of("s.csv"), "label_separator", ";"));
        assertThat(ofScores.errors().get(0).message()).endsWith("Leave it out.");
    }

    @Test
    void aDelimiterIsOnlyForFilesWithOne() {
        Problem refused = catchThrowableOfType(
                Problem.class, () -> read(List.of("x.jsonl"), "delimiter", ";", "format", "jsonl", "header", "true"));

        assertThat(refused.errors()).extracting(Problem.Error::field).containsExactly("delimiter", "header");
    }

    @Test
    void aFieldThatConcernsOneOfSeveralFilesIsUsed() throws IOException {
        assertThat(read(List.of("x.jsonl", "x.csv"), "header", "true").rowCount())
                .isEqualTo(4);
        assertThat(read(List.of("x.csv"), "encoding", "utf-8", "label_names", "[\"no\",\"yes\"]")
                        .problems()
                        .count())
                .isZero();
    }

    @Test
    void aLabelOfAnotherFileDoesNoHarmIfEachFileHasOne() throws IOException {
        String labels = "{\"x.conll\":\"a\",\"y.txt\":\"b\"}";

        DatasetParser labelled = read(List.of("x.conll"), "file_labels", labels, "format", "lines");

        assertThat(labelled.rowCount()).isEqualTo(3);
    }

    private DatasetParser read(List<String> names, String... fields) throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        List<UploadedFile> files = names.stream().map(UnusedFieldsTest::file).toList();
        ParserLimits limits = new ParserLimits(10_000, new UnpackLimit(1 << 20, 100), directory);
        return DatasetParser.parse(files, UploadRequest.of(names.get(0), form), limits, row -> {});
    }

    private static UploadedFile file(String name) {
        String content = Stream.of("x.csv", CSV, "s.csv", SCORES, "x.conll", CONLL, "x.jsonl", JSONL)
                .dropWhile(each -> !each.equals(name))
                .skip(1)
                .findFirst()
                .orElseThrow();
        return new UploadedFile(name, null, () -> new ByteArrayInputStream(content.getBytes(UTF_8)));
    }
}
