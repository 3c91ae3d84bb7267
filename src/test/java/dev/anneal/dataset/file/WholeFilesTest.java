package dev.anneal.dataset.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All that a file contains is read, or the upload says what is not. */
class WholeFilesTest {
    private static final String ROWS = "text,label\ngood,a\nbad,b\n";

    @TempDir
    Path directory;

    /** The first rows: some files here have a million. */
    private final List<Row> rows = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "json"})
    void aKeyWithARoleThatOccursLateIsAProblemOfItsRow(String format) throws IOException {
        List<String> lines = lines(120, "{\"text\":\"t%d\",\"label\":\"a\"}");
        lines.set(110, "{\"text\":\"late\",\"label\":\"b\",\"split\":\"test\"}");
        lines.set(115, "{\"text\":\"other\",\"label\":\"b\",\"source\":\"web\",\"Sentence2\":\"pair\"}");
        lines.set(117, "{\"text\":\"fine\",\"label\":\"b\",\"source\":\"web\",\"split\":null}");

        DatasetParser file = read("x." + format, joined(format, lines));

        assertThat(problems(file)).containsExactly("111 split late_column", "116 Sentence2 late_column");
        assertThat(file.problems().kept().get(0).message())
                .contains("The key 'split' is in this row, but not in the first rows of the file");
        assertThat(rows).hasSize(118);
    }

    @ParameterizedTest
    @CsvSource({"input, output", "context, response"})
    void anInputThatOccursLateIsNotDropped(String input, String output) throws IOException {
        List<String> lines = lines(101, "{\"instruction\":\"do %d\",\"" + output + "\":\"done\"}");
        lines.add("{\"instruction\":\"do it\",\"" + input + "\":\"with this\",\"" + output + "\":\"done\",\"id\":7}");

        assertThat(problems(read("x.jsonl", joined("jsonl", lines)))).containsExactly("102 " + input + " late_column");

        rows.clear();
        lines.set(0, "{\"instruction\":\"do 0\",\"" + input + "\":\"\",\"" + output + "\":\"done\"}");
        assertThat(problems(read("x.jsonl", joined("jsonl", lines)))).isEmpty();
        assertThat(rows.get(101).content().get("prompt").asString()).isEqualTo("do it\n\nwith this");
    }

    @Test
    void aKeyThatOccursLateMayBeAnyIfTheRequestNamesTheColumns() throws IOException {
        List<String> lines = lines(101, "{\"sentence\":\"t%d\",\"label\":\"a\"}");
        lines.add("{\"sentence\":\"t\",\"text\":\"other\",\"label\":\"b\"}");

        assertThat(problems(read("x.jsonl", joined("jsonl", lines)))).containsExactly("102 text late_column");
        assertThat(problems(read("x.jsonl", joined("jsonl", lines), "columns", "{\"text\":\"sentence\"}")))
                .isEmpty();
    }

    @Test
    void whatFollowsTheMembersOfAGzipFileIsNotDropped() throws IOException {
        byte[] first = gzip(ROWS);
        byte[] second = gzip("fine,a\nawful,b\n");
        byte[] wrong = second.clone();
        wrong[2] = 9; // a compression that does not exist

        assertThat(read("x.csv.gz", joined(first, second)).rowCount()).isEqualTo(4);
        for (byte[] rest : List.of(
                new byte[] {1}, "fine,a\n".getBytes(UTF_8), "x".repeat(50).getBytes(UTF_8), wrong)) {
            Problem refused = refused("x.csv.gz", joined(first, rest));

            assertThat(refused.code()).as("%d bytes", rest.length).isEqualTo("corrupt_file");
        }
    }

    /** The end of one of them is at the end of each buffer. */
    @Test
    void allMembersOfAGzipFileInAZipAreRead() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(gzip("text,label\n"));
        int count = 0;
        while (members.size() < 300_000) {
            members.writeBytes(gzip("r" + count++ + ",a\n"));
        }

        assertThat(read("x.zip", zip("x.csv.gz", members.toByteArray())).rowCount())
                .isEqualTo(count);
    }

    @Test
    void aPictureWithManyZerosIsNotCalledText() throws IOException {
        byte[] picture = Arrays.copyOf("\u0089PNG\r\n\u001a\n".getBytes(ISO_8859_1), 60);

        assertThat(refused("x.csv", picture).getMessage()).startsWith("The file is binary");
    }

    @Test
    void twoFilesOfAZipWithOneNameAreRefused() throws IOException {
        byte[] zip = zip("a.csv", utf8(ROWS), "b.csv", utf8(ROWS.replace("good", "very good")));
        byte[] twice = new String(zip, ISO_8859_1).replace("b.csv", "a.csv").getBytes(ISO_8859_1);

        Problem refused = refused("x.zip", twice);

        assertThat(refused.code()).isEqualTo("unsupported_zip");
        assertThat(refused.getMessage()).contains("two files called 'a.csv'");
    }

    @Test
    void allFilesOfAZipThatAreNotReadAreCounted() throws IOException {
        Object[] files = new Object[300];
        for (int i = 0; i < files.length; i += 2) {
            files[i] = i == 0 ? "rows.csv" : i + ".txt";
            files[i + 1] = utf8(ROWS);
        }
        DatasetParser folders =
                read("y.zip", zip("pos/1.txt", utf8("good"), "pos/2.md", utf8("fine"), "neg/3", utf8("bad")));

        assertThat(read("x.zip", zip(files)).problems().warningCount()).isEqualTo(149);
        assertThat(folders.problems().kept().stream().map(warning -> warning.file() + " " + warning.code()))
                .containsExactly("pos/2.md unread_file", "neg/3 unread_file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            question,sentence,label   | text: question, sentence     | {"text": "question"}, or several in a list
            id,text,category,intent   | label: category, intent      | {"label": "category"}.
            text,rating,value         | score: rating, value         | {"score": "rating"}.
            """)
    void oneOfSeveralColumnsThatCouldHaveARoleIsNotChosen(String header, String what, String todo) {
        Problem refused = refused("x.csv", utf8(header + "\n" + header.replaceAll("\\w+", "1") + "\n"));

        assertThat(refused.code()).isEqualTo("ambiguous_columns");
        assertThat(refused.getMessage()).contains("Several columns could be the " + what, todo);
    }

    @Test
    void aColumnOfScoresThatAreNoNumbersIsNamed() {
        Problem refused = refused("x.csv", utf8("text;score\na;0,5\nb;1,5\n"));

        assertThat(refused.code()).isEqualTo("missing_column");
        assertThat(refused.getMessage()).contains("The column 'score' could hold scores, but its first rows");
    }

    @Test
    void aColumnWithTheNameOfARoleIsChosen() throws IOException {
        DatasetParser lists =
                read("x.jsonl", utf8("{\"category\":\"x\",\"review\":\"no\",\"text\":\"a\",\"label\":[\"b\"]}\n"));

        assertThat(lists.columns()).isEqualTo(Map.of("text", "text", "labels", "label"));
    }

    @Test
    void aValueOfTsvThatIsWrittenAsInCsvIsAWarningOfTheFirstSuchRow() throws IOException {
        String tsv = "text\tlabel\n\"so\" \"\"\ta\n\" quoted \"\ta\n\"she said \"\"no\"\"\"\ta\n\"\"\"yes\"\"\"\tb\n";

        DatasetParser file = read("x.tsv", utf8(tsv));
        assertThat(problems(file)).containsExactly("4 text quoted_field");
        assertThat(rows.get(2).content().get("text").asString()).isEqualTo("\"she said \"\"no\"\"\"");

        rows.clear();
        assertThat(problems(
                        read("x.tsv", utf8(tsv.replaceFirst("(?m)^.so.*\n", "")), "format", "csv", "delimiter", "tab")))
                .isEmpty();
        assertThat(rows.get(1).content().get("text").asString()).isEqualTo("she said \"no\"");
    }

    @Test
    void aTextInAFolderMayBeCalledLikeASplit() throws IOException {
        DatasetParser file =
                read("x.zip", zip("pos/test.txt", utf8("good"), "pos/2.txt", utf8("fine"), "neg/dev.txt", utf8("bad")));

        assertThat(file.problems().warningCount()).isZero();
        assertThat(rows).extracting(Row::split).containsOnlyNulls();
        assertThat(rows).hasSize(3);
    }

    @Test
    void aCountOfTheTokensIsNotTakenForTheTokens() throws IOException {
        Problem germEval = refused("x.conll", utf8("# source\n1\tAda\tB-PER\tO\n2\tlives\tO\tO\n3\there\tO\tO\n"));
        Problem later = refused("x.conll", utf8("1 Hm O\n\n1 Ada B-PER\n2 lives O\n3 here O\n"));
        DatasetParser numbers = read("x.conll", utf8("1 O\n2 O\n\nAda B-PER\nlives O\nhere O\n\n1 O\n2 O\n3 O\n"));

        assertThat(germEval.code()).isEqualTo("numbered_tokens");
        assertThat(germEval.getMessage()).contains("cut -f 2-");
        assertThat(later.code()).isEqualTo("numbered_tokens");
        assertThat(numbers.rowCount()).isEqualTo(3);
    }

    @Test
    void aZipInAZipIsRefusedBecauseItsSizeCouldNotBeBounded() throws IOException {
        byte[] inner = zip("b.csv", utf8(ROWS));

        assertThat(refused("x.zip", zip("a.csv", inner)).code()).isEqualTo("unsupported_zip");
        assertThat(refused("x.zip", zip("a.csv", gzip(inner))).code()).isEqualTo("unsupported_zip");
        assertThat(read("x.zip.gz", gzip(inner)).rowCount()).isEqualTo(2);
    }

    @Test
    void allCompressedFilesOfAZipTogetherMayUnpackToSoMuch() throws IOException {
        byte[] packed = gzip("text,label\n" + "good,a\nbad,b\n".repeat(100_000));
        byte[] zip = zip("a.csv.gz", packed, "b.csv.gz", packed, "c.csv.gz", packed);

        UnpackLimit limit = new UnpackLimit(3 << 20, 100);
        Problem refused = catchThrowableOfType(Problem.class, () -> read(limit, "x.zip", zip));

        assertThat(refused.code()).isEqualTo("unpacks_to_too_much");
        assertThat(read(new UnpackLimit(4 << 20, 100), "x.zip", zip).rowCount()).isEqualTo(600_000);

        byte[] large = gzip("text,label\n" + "good,a\nbad,b\n".repeat(700_000));
        byte[] bomb = zip("a.csv.gz", large, "b.csv.gz", large);
        assertThat(refused("x.zip", bomb).code()).isEqualTo("compression_ratio");
    }

    /** The column of the row numbers that pandas writes. */
    @Test
    void aColumnOfAWorkbookWithoutANameIsNoReasonToRefuseItsRows() throws IOException {
        String header =
                "<row r=\"1\"><c r=\"B1\" t=\"str\"><v>text</v></c><c r=\"D1\" t=\"str\"><v>label</v></c></row>";
        String row =
                "<row r=\"2\"><c r=\"A2\"><v>0</v></c><c r=\"B2\" t=\"str\"><v>good</v></c><c r=\"D2\"><v>1</v></c></row>";
        String beyond = "<row r=\"4\"><c r=\"B4\"><v>x</v></c><c r=\"D4\"><v>1</v></c><c r=\"E4\"><v>1</v></c></row>";

        DatasetParser file = read("x.xlsx", workbook(header + row + header.replace("r=\"1\"", "r=\"3\"") + beyond));

        assertThat(problems(file)).containsExactly("3 null repeated_header", "4 null wrong_field_count");
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).values().keySet()).containsExactlyInAnyOrder("column_1", "text", "label");
    }

    @Test
    void aRowOfAWorkbookWithANumberThatNoSheetHasIsRefused() throws IOException {
        String cells = "<c t=\"str\"><v>text</v></c><c t=\"str\"><v>label</v></c></row>";
        DatasetParser file = read(
                "x.xlsx",
                workbook("<row r=\"1\">" + cells + "<row r=\"999999999999999999\">" + cells.replace("text", "t")));

        assertThat(file.isComplete()).isFalse();
        assertThat(problems(file)).containsExactly("2 null unreadable_row");
        assertThat(file.problems().kept().get(0).message()).contains("999,999,999,999,999,999");
    }

    private static List<String> lines(int count, String format) {
        return IntStream.range(0, count).mapToObj(format::formatted).collect(Collectors.toCollection(ArrayList::new));
    }

    private static byte[] joined(String format, List<String> lines) {
        return utf8(format.equals("json") ? "[" + String.join(",\n", lines) + "]" : String.join("\n", lines));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    private static List<String> problems(DatasetParser file) {
        return file.problems().kept().stream()
                .map(problem -> problem.line() + " " + problem.column() + " " + problem.code())
                .toList();
    }

    private Problem refused(String name, byte[] bytes) {
        return catchThrowableOfType(Problem.class, () -> read(name, bytes));
    }

    private DatasetParser read(String name, byte[] bytes, String... fields) throws IOException {
        return read(new UnpackLimit(64 << 20, 100), name, bytes, fields);
    }

    private DatasetParser read(UnpackLimit unpack, String name, byte[] bytes, String... fields) throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        UploadedFile file = new UploadedFile(name, null, () -> new ByteArrayInputStream(bytes));
        ParserLimits limits = new ParserLimits(10_000, unpack, directory);
        return DatasetParser.parse(List.of(file), UploadRequest.of(name, form), limits, this::keep);
    }

    private void keep(Row row) {
        if (rows.size() < 1000) {
            rows.add(row);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] gzip(String text) throws IOException {
        return gzip(utf8(text));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndContents[i]));
                zip.write((byte[]) namesAndContents[i + 1]);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] workbook(String sheet) throws IOException {
        return zip(
                "xl/workbook.xml",
                utf8("<workbook><sheets><sheet name=\"A\" r:id=\"r1\" xmlns:r=\"urn:r\"/></sheets></workbook>"),
                "xl/_rels/workbook.xml.rels",
                utf8("<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
                "xl/worksheets/sheet1.xml",
                utf8("<worksheet><sheetData>" + sheet + "</sheetData></worksheet>"));
    }
}
