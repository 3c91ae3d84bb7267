package dev.anneal.dataset.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.dataset.problem.RowProblems.RowProblem;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows are read as they are in the file, and a problem says where it is. */
class RowsAsInTheFileTest {
    private static final List<String> NUMBERS = List.of(
            "1.10",
            "1.0",
            "0.50",
            "1e5",
            "1E+05",
            "-0",
            "-0.0",
            "12345678901234567890123",
            "12345678901234567.25",
            "3.14159265358979323846264338327950288");

    private static final String COLUMNS = "{\"text\":\"column_2\",\"label\":\"column_3\"}";

    @TempDir
    Path directory;

    private final List<Row> rows = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "json"})
    void aNumberThatIsATextOrALabelKeepsItsForm(String format) throws IOException {
        List<String> lines = NUMBERS.stream()
                .map("{\"text\":%1$s,\"label\":%1$s,\"n\":null,\"group\":%1$s}"::formatted)
                .toList();

        read("x." + format, joined(format, lines), "columns", "{\"group\":\"group\"}");

        assertThat(rows).extracting(row -> row.content().get("text").asString()).isEqualTo(NUMBERS);
        assertThat(rows).extracting(Row::label).isEqualTo(NUMBERS);
        assertThat(rows)
                .extracting(row -> row.content().get("group").asString())
                .isEqualTo(NUMBERS);
        assertThat(rows.get(0).content().toString()).contains("\"text\":\"1.10\"", "\"label\":\"1.10\"");
    }

    @Test
    void aNumberThatIsAScoreAFlagOrANumberedLabelCountsByItsValue() throws IOException {
        String precise = "0." + "25".repeat(30) + "0";
        read("x.jsonl", "{\"text\":\"a\",\"score\":" + precise + "}\n{\"text\":\"b\",\"score\":1.50e1}\n");
        assertThat(rows)
                .extracting(row -> row.content().get("score").doubleValue())
                .containsExactly(Double.parseDouble(precise), 15.0);

        rows.clear();
        String columns = "{\"text\":\"text\",\"labels\":[\"p\",\"q\"]}";
        read(
                "x.jsonl",
                "{\"text\":\"a\",\"p\":1.00,\"q\":0e0}\n{\"text\":\"b\",\"p\":0,\"q\":1}\n",
                "columns",
                columns);
        assertThat(rows)
                .extracting(row -> row.content().get("labels").toString())
                .containsExactly("[\"p\"]", "[\"q\"]");

        rows.clear();
        String names = "[\"no\",\"yes\"]";
        read("x.jsonl", "{\"text\":\"a\",\"label\":1.000}\n{\"text\":\"b\",\"label\":0}\n", "label_names", names);
        assertThat(rows).extracting(Row::label).containsExactly("yes", "no");
    }

    @Test
    void aNameOfALabelWithHalfACharacterIsRefused() {
        for (String labels : List.of("{\"0\":\"caf\\ud83d\"}", "{\"caf\\ud83d\":\"no\"}")) {
            Problem refused = refused("x.jsonl", "{\"text\":\"a\"}\n", "file_labels", labels);
            assertThat(refused.code()).as(labels).isEqualTo("invalid_unicode");
        }
        Problem refused = refused("x.jsonl", "{\"text\":\"a\",\"label\":0}\n", "label_names", "[\"caf\\ud83d\"]");
        assertThat(refused.code()).isEqualTo("invalid_unicode");
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl", "lines"})
    void eachRowWithBytesOfAnotherEncodingIsBadHoweverManyThereAre(String format) throws IOException {
        int count = 120_000;
        StringBuilder file = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = i % 10 == 9 ? "good " + i : "caf\u00e9 " + i;
            if (i % 10 == 9) {
                expected.add(text);
            }
            file.append(
                    switch (format) {
                        case "jsonl" -> "{\"text\":\"%s\",\"label\":\"a\"}\n".formatted(text);
                        case "csv" -> (i == 0 ? "text,label\n" : "") + "%s,a\n".formatted(text);
                        default -> text + "\n";
                    });
        }

        DatasetParser parsed = read(
                "x." + format,
                file.toString().getBytes(ISO_8859_1),
                "format",
                format,
                "task",
                format.equals("lines") ? "masked-lm" : "text-classification");

        assertThat(rows).extracting(row -> row.content().get("text").asString()).isEqualTo(expected);
        assertThat(parsed.problems().count()).isEqualTo(count - expected.size());
        assertThat(parsed.problems().kept()).extracting(RowProblem::code).containsOnly("invalid_utf8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u00ef\u00bb\u00bf"})
    void oneOfManyRowsOnALineIsBadIfItHasBytesOfAnotherEncoding(String mark) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 3_000; i++) {
            lines.add("{\"text\":\"%s\",\"label\":\"a\"}".formatted(i % 1_000 == 7 ? "caf\u00e9" : "t" + i));
        }

        DatasetParser parsed = read("x.json", (mark + "[" + String.join(",", lines) + "]").getBytes(ISO_8859_1));

        assertThat(parsed.problems().kept())
                .extracting(problem -> problem.code() + " " + problem.message().split(":")[0])
                .containsExactly("invalid_utf8 Row 7", "invalid_utf8 Row 1007", "invalid_utf8 Row 2007");
        assertThat(rows).hasSize(2_997);
    }

    @Test
    void aProblemOfAnArrayOnOneLineSaysWhichRowItIs() throws IOException {
        String array = "[{\"text\":\"a\",\"label\":\"x\"},{\"label\":\"y\"},7,{\"text\":\"b\",\"label\":\" \"}]";

        assertThat(messages(read("x.json", array)))
                .containsExactly(
                        "1 Row 2: The row has no text.",
                        "1 Row 3: The element of the array is not a JSON object.",
                        "1 Row 4: The row has no label.");
        assertThat(messages(read("x.json", array.replace("},", "},\n").replace("7,", "7,\n"))))
                .containsExactly(
                        "2 The row has no text.",
                        "3 The element of the array is not a JSON object.",
                        "4 The row has no label.");
    }

    @Test
    void labelsAreReadWithTheirSeparator() throws IOException {
        read("x.csv", "text,label\na,sport;news\nb,news\nc,\n", "label_separator", ";");
        read("x.jsonl", "{\"text\":\"d\",\"label\":\"sport, news\"}\n", "label_separator", ",");

        assertThat(rows)
                .extracting(row -> row.content().get("labels").toString())
                .containsExactly("[\"sport\",\"news\"]", "[\"news\"]", "[]", "[\"sport\",\"news\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {";", ","})
    void labelsThatABarDoesNotSeparateAreAWarningOfTheFirstSuchRow(String separator) throws IOException {
        String file = "text,labels\na,\"sport\"\nb,\"sport%1$snews\"\nc,\"x%1$sy\"\nd,x|y\n".formatted(separator);

        DatasetParser parsed = read("x.csv", file);

        assertThat(messages(parsed))
                .containsExactly("3 The label looks like a list: 'sport" + separator
                        + "news'. If it is one, set 'label_separator' to '" + separator
                        + "'. This warning is about the first such row.");
        assertThat(read("x.csv", file.replace("|", separator), "label_separator", separator)
                        .problems()
                        .warningCount())
                .isZero();
    }

    @Test
    void aFileOfCoNllUIsNamedWithTheWayToConvertIt() throws IOException {
        String file = "# sent_id = 1\n# text = Ada sleeps\n1\tAda\tAda\tPROPN\t_\t_\t2\tnsubj\t_\t_\n"
                + "2\tsleeps\tsleep\tVERB\t_\tNumber=Sing\t0\troot\t_\tSpaceAfter=No\n\n";

        for (String name : List.of("x.conllu", "x.conll", "x.txt", "x.tsv")) {
            assertThat(refused(name, file)).as(name).isNotNull();
            assertThat(refused(name, file).code()).isEqualTo("unsupported_format");
            assertThat(refused(name, file).getMessage()).contains("CoNLL-U", "awk");
        }
        assertThat(read("x.tsv", "1\ta\tb\tX\t1\t1\t1\tc\td\te\tf\n", "columns", COLUMNS)
                        .rowCount())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"data":[{"text":"a","label":"x"}]}                                            | jq '.data' old.json
            {;  "version": "1.1",;  "data": [;    {"title": "T", "paragraphs": [;          | SQuAD
            {"version":"1.1","data":[{"title":"T","paragraphs":[{"context":"c","qas":[]}]}]} | SQuAD
            {"train":[{"text":"a"}],"test":[{"text":"b"}]}                                 | jq '.train' old.json
            """)
    void rowsInAnObjectAreNamedWithTheWayToSendThem(String file, String message) throws IOException {
        for (String name : List.of("x.json", "x.jsonl", "x")) {
            Problem refused = refused(name, file.replace(';', '\n'));

            assertThat(refused.code()).as(name).isEqualTo("unsupported_format");
            assertThat(refused.getMessage()).contains(message);
        }
        String row = "{\"data\":[{\"a\":1}],\"text\":\"t\",\"label\":\"x\"}\n";
        assertThat(read("x.jsonl", row + row).rowCount()).isEqualTo(2);
    }

    @Test
    void rowsThatHaveAListOfObjectsAreRowsIfTheRequestNamesTheirColumnsOrThereAreSeveral() throws IOException {
        String row = "{\"id\":\"1\",\"items\":[{\"sku\":\"a\"}],\"complaint\":\"late\",\"team\":\"billing\"}\n";
        String columns = "{\"text\":\"complaint\",\"label\":\"team\"}";

        for (String name : List.of("x.jsonl", "x.json", "x")) {
            assertThat(read(name, row + "\n" + row, "columns", columns).rowCount())
                    .as(name)
                    .isEqualTo(2);
            assertThat(read(name, row, "columns", columns).rowCount()).as(name).isEqualTo(1);
            assertThat(refused(name, row).code()).as(name).isEqualTo("unsupported_format");
            assertThat(refused(name, row + row).code()).as(name).isEqualTo("missing_column");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "json"})
    void aTextThatIsAJsonListIsNoticedAsALabelAndReadAsLabels(String format) throws IOException {
        String file = joined(
                format,
                List.of(
                        "{\"text\":\"a\",\"topic\":\"[\\\"sport\\\", \\\"news\\\"]\"}",
                        "{\"text\":\"b\",\"topic\":\"['news']\"}"));

        DatasetParser asLabel = read("x." + format, file, "columns", "{\"label\":\"topic\"}");
        rows.clear();
        read("x." + format, file, "columns", "{\"labels\":\"topic\"}");

        assertThat(messages(asLabel))
                .singleElement()
                .asString()
                .startsWith("1 The label looks like a list")
                .contains("give the column the role 'labels'");
        assertThat(rows)
                .extracting(row -> row.content().get("labels").toString())
                .containsExactly("[\"sport\",\"news\"]", "[\"news\"]");
    }

    @Test
    void aTextThatIsNoListOfLabelsIsAProblemThatSaysWhatToDo() throws IOException {
        String columns = "{\"labels\":\"topic\"}";

        assertThat(messages(read("x.jsonl", "{\"text\":\"a\",\"topic\":\"sport;news\"}\n", "columns", columns)))
                .containsExactly("1 The value is not a list of labels. Write one such as [\"sport\", \"news\"], or set"
                        + " 'label_separator'.");
        assertThat(messages(read("x.jsonl", "{\"text\":\"a\",\"topic\":7}\n", "columns", columns)))
                .containsExactly("1 The value is not a list of labels. Write one such as [\"sport\", \"news\"].");
    }

    @Test
    void whiteSpaceMayBeBetweenLabels() throws IOException {
        List<List<String>> given = List.of(
                List.of("sport news", " "),
                List.of(" sport news ", " "),
                List.of("sport\tnews", "tab"),
                List.of("sport\tnews", "\\t"),
                List.of("sport\tnews", "\t"),
                List.of("sport\nnews", "\n"),
                List.of("sport tab news", " tab "));
        for (List<String> each : given) {
            String row = Json.write(Map.of("text", "a", "labels", each.get(0)));
            read("x.jsonl", row, "label_separator", each.get(1));
        }

        assertThat(rows)
                .hasSameSizeAs(given)
                .extracting(row -> row.content().get("labels").toString())
                .containsOnly("[\"sport\",\"news\"]");
    }

    @Test
    void aLabelMayEndBeforeWhiteSpaceAndAMarkHasItsLimits() throws IOException {
        read("x.jsonl", "{\"text\":\"a\",\"label\":\" NUM dist\"}\n", "label_until", " ");

        assertThat(rows).extracting(Row::label).containsExactly("NUM");
        for (String mark : List.of("x".repeat(21), "\0")) {
            for (String field : List.of("label_until", "label_separator")) {
                assertThat(refused("x.csv", "text,label\na,x\n", field, mark).errors())
                        .singleElement()
                        .satisfies(error -> assertThat(error.message())
                                .isEqualTo("'" + field + "' must have 1 to 20 characters and no null character."));
            }
        }
    }

    @Test
    void aMarkWithWhiteSpaceCountsAtTheEndsOfAValueToo() throws IOException {
        DatasetParser parsed = read(
                "x.jsonl",
                "{\"text\":\"a\",\"label\":\"HUM - \"}\n{\"text\":\"b\",\"label\":\" - HUM\"}\n{\"text\":\"c\",\"label\":\"LOC -\"}\n",
                "label_until",
                " - ");

        assertThat(rows).extracting(Row::label).containsExactly("HUM", "LOC");
        assertThat(messages(parsed)).containsExactly("2 The label is empty before ' - '.");
        for (String labels : List.of("sport; news; ", "sport; news;")) {
            assertThat(messages(read(
                            "x.jsonl", "{\"text\":\"a\",\"labels\":\"" + labels + "\"}\n", "label_separator", "; ")))
                    .as(labels)
                    .containsExactly("1 A label in the list is empty.");
        }
    }

    @Test
    void aRowOfAnArrayHasANumberFromTheFirstThatSharesALine() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 150; i++) {
            lines.add("{\"text\":\"t" + i + "\",\"label\":\"x\"}");
        }
        lines.set(99, "{\"label\":\"x\"}");
        String tail = ", {\"label\":\"x\"}, {\"text\":\"u\"}]";

        DatasetParser parsed = read("x.json", "[" + String.join(",\n", lines) + tail);

        assertThat(messages(parsed))
                .containsExactly(
                        "100 The row has no text.",
                        "150 Row 151: The row has no text.",
                        "150 Row 152: The row has no label.");
    }

    private static List<String> messages(DatasetParser parsed) {
        return parsed.problems().kept().stream()
                .map(problem -> problem.line() + " " + problem.message())
                .toList();
    }

    private static String joined(String format, List<String> lines) {
        return format.equals("json") ? "[" + String.join(",\n", lines) + "]" : String.join("\n", lines);
    }

    private Problem refused(String name, String content, String... fields) {
        return catchThrowableOfType(Problem.class, () -> read(name, content, fields));
    }

    private DatasetParser read(String name, String content, String... fields) throws IOException {
        return read(name, content.getBytes(UTF_8), fields);
    }

    private DatasetParser read(String name, byte[] content, String... fields) throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        UploadedFile file = new UploadedFile(name, null, () -> new ByteArrayInputStream(content));
        ParserLimits limits = new ParserLimits(10_000, new UnpackLimit(64 << 20, 100), directory);
        return DatasetParser.parse(List.of(file), UploadRequest.of(name, form), limits, rows::add);
    }
}
