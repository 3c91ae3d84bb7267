package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Client.FilePart;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Parquet, Excel, and zips. */
@ServerTest
class BinaryFilesTest {
    private static final Path FILES = Path.of("src/test/resources/datasets");
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void aParquetFileIsADatasetWhoseClassLabelsHaveTheirNames() throws IOException {
        JsonNode dataset = uploads.good("data", Files.readAllBytes(FILES.resolve("labels.parquet")));
        JsonNode renamed = uploads.good(
                "data",
                Files.readAllBytes(FILES.resolve("labels.parquet")),
                "label_names",
                "[\"low\",\"mid\",\"high\"]");

        assertThat(dataset.get("format").asString()).isEqualTo("parquet");
        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("bad", 10, "fair", 10, "good", 10));
        assertThat(uploads.rows(dataset).get(1)).isEqualTo("{\"text\":\"day 1\",\"label\":\"fair\"}");
        assertThat(Uploads.labels(renamed)).isEqualTo(Map.of("low", 10, "mid", 10, "high", 10));
        assertThat(dataset.get("files").get(0).get("encoding").isNull()).isTrue();
    }

    @Test
    void aRowOfParquetWithoutAValueIsNamedByItsNumber() throws IOException {
        byte[] file = Files.readAllBytes(FILES.resolve("snappy.parquet"));

        assertThat(Uploads.errors(uploads.send("data", file, "task", "text-classification")))
                .contains("1 empty_text", "1 empty_label", "12 empty_text", "14 empty_label");
    }

    @Test
    void theSheetOfAWorkbookIsADataset() throws IOException {
        byte[] file = Files.readAllBytes(FILES.resolve("workbook.xlsx"));
        JsonNode dataset = uploads.good("workbook.xlsx", file);
        JsonNode packed = uploads.good("workbook.xlsx.zst", Zstd.compress(file));

        assertThat(dataset.get("format").asString()).isEqualTo("xlsx");
        assertThat(uploads.rows(dataset))
                .containsExactly(
                        "{\"text\":\"good tea & <bread>\",\"label\":\"pos\"}",
                        "{\"text\":\"line one\\nline two\",\"label\":\"pos\"}",
                        "{\"text\":\"東京 😀\",\"label\":\"neg\"}",
                        "{\"text\":\" spaces \",\"label\":\"neg\"}");
        assertThat(uploads.warnings(dataset)).contains("1 other_sheets");
        assertThat(uploads.rows(packed)).isEqualTo(uploads.rows(dataset));
        assertThat(packed.get("files").get(0).get("compression").asString()).isEqualTo("zstd");
    }

    @Test
    void cellsWithInlineTextsNumbersAndErrorsAreReadAtTheirRows() {
        String header =
                "<row r=\"3\"><c t=\"inlineStr\" r=\"B3\"><is><r><t>te</t></r><r><t>xt</t></r><rPh><t>no</t></rPh></is></c>"
                        + "<c t=\"str\" r=\"D3\"><v>label</v></c></row>";
        String row = "<row r=\"5\"><c r=\"B5\"><v>0.5</v></c><c r=\"D5\" t=\"b\"><v>1</v></c></row>"
                + "<row r=\"6\"><c r=\"B6\" t=\"str\"><v>a_x000D_b</v></c><c r=\"D6\" t=\"b\"><v>1</v></c></row>";
        String bad = "<row r=\"9\"><c r=\"B9\" t=\"e\"><v>#N/A</v></c></row>"
                + "<row r=\"11\"><c r=\"B11\"><v>1</v></c><c r=\"AB11\"><v>1</v></c></row>"
                + "<row r=\"12\"><c r=\"B12\"><v>1</v></c></row>";
        JsonNode dataset = uploads.good(
                "x.xlsx", Zips.workbook("", header + row), "task", "text-classification", "split", "{\"test\":1}");
        Answer refused = uploads.send("x.xlsx", Zips.workbook("", header + row + bad));

        assertThat(uploads.rows(dataset))
                .containsExactly("{\"text\":\"0.5\",\"label\":\"true\"}", "{\"text\":\"a\\rb\",\"label\":\"true\"}");
        assertThat(Uploads.errors(refused)).containsExactly("9 cell_error", "11 wrong_field_count", "12 empty_label");
        assertThat(refused.json().get("errors").get(1).get("message").asString())
                .contains("column AB");
    }

    @Test
    void aWorkbookWithExternalEntitiesIsRefused() {
        String doctype = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
        String laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
        for (String start : List.of(doctype, laughs)) {
            Answer refused = uploads.send(
                    "x.xlsx",
                    Zips.workbook(start, "<row r=\"1\"><c t=\"str\"><v>text</v></c><c t=\"str\"><v>&e;</v></c></row>"));

            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("malformed_workbook");
            assertThat(refused.detail()).doesNotContain("root:");
        }
    }

    @Test
    void aFolderForEachLabelMakesTheRowsOfAZip() {
        JsonNode flat = uploads.good(
                "r.zip",
                Zips.of(
                        "pos/1.txt",
                        "good\n",
                        "pos/2.txt",
                        "fine",
                        "neg/1.txt",
                        "bad",
                        "neg/2.txt",
                        "\ufeffawful",
                        "README.md",
                        "no",
                        "__MACOSX/pos/._1.txt",
                        "no",
                        "pos/.DS_Store",
                        "no"));
        JsonNode splits = uploads.good(
                "aclImdb.zip",
                Zips.of(
                        "aclImdb/train/pos/1.txt",
                        "a",
                        "aclImdb/train/pos/2.txt",
                        "b",
                        "aclImdb/train/neg/1.txt",
                        "c",
                        "aclImdb/train/neg/2.txt",
                        "d",
                        "aclImdb/test/neg/1.txt",
                        "e",
                        "aclImdb/train/urls.txt",
                        "f"));

        assertThat(flat.get("format").asString()).isEqualTo("folders");
        assertThat(uploads.rows(flat))
                .containsExactly(
                        "{\"text\":\"good\\n\",\"label\":\"pos\"}",
                        "{\"text\":\"fine\",\"label\":\"pos\"}",
                        "{\"text\":\"bad\",\"label\":\"neg\"}",
                        "{\"text\":\"awful\",\"label\":\"neg\"}");
        assertThat(splits.get("splits").toString()).isEqualTo("{\"train\":4,\"validation\":0,\"test\":1}");
        assertThat(uploads.warnings(splits)).contains("6 no_folder");
    }

    @Test
    void aTextOfAZipThatIsNotUtf8IsNamed() {
        byte[] zip = Zips.in(ISO_8859_1, "pos/1.txt", "café", "pos/2.txt", "thé", "neg/1.txt", "b", "neg/2.txt", "c");
        Answer refused = uploads.send("r.zip", zip);
        JsonNode latin1 = uploads.good("r.zip", zip, "encoding", "latin-1");
        Answer empty = uploads.send("r.zip", Zips.of("pos/1.txt", "good", "neg/2.txt", " "));

        assertThat(Uploads.errors(refused)).containsExactly("1 invalid_utf8", "2 invalid_utf8");
        assertThat(refused.detail()).contains("In 'pos/1.txt'");
        assertThat(uploads.rows(latin1).get(0)).contains("café");
        assertThat(Uploads.errors(empty)).containsExactly("2 empty_text");
        assertThat(empty.detail()).contains("In 'neg/2.txt'");
    }

    @Test
    void theDatasetsInAZipAreReadOneAfterAnother() {
        JsonNode dataset = uploads.good(
                "r.zip",
                Zips.of("data/train.csv", ROWS, "data/test.csv", "text,label\nso,a\n", "data/LICENSE", "free"));
        Answer bad = uploads.send("r.zip", Zips.of("a.csv", ROWS, "b.csv", "text,label\n,a\n"));
        Answer nested = uploads.send("r.zip", Zips.of("a.csv", new String(Zips.of("b.csv", ROWS), ISO_8859_1)));

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":4,\"validation\":0,\"test\":1}");
        assertThat(dataset.get("files")
                        .valueStream()
                        .map(file -> file.get("name").asString()))
                .containsExactly("data/train.csv", "data/test.csv");
        assertThat(Uploads.errors(bad)).containsExactly("2 empty_text");
        assertThat(bad.detail()).contains("In 'b.csv'");
        assertThat(nested.status()).isEqualTo(422);
    }

    @Test
    void aNameInAZipMayHaveAnyCharactersAndIsNoPath() {
        JsonNode dataset = uploads.good("r.zip", Zips.of("../../etc/x\0\n.csv", ROWS, "/tmp/y.csv", ROWS));
        Answer bad = uploads.send("r.zip", Zips.of("pos/\0.txt", " ", "neg/1.txt", "b"));

        assertThat(dataset.get("files").get(0).get("name").asString()).isEqualTo("../../etc/x\ufffd\ufffd.csv");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(8);
        assertThat(Files.exists(Path.of("/tmp/y.csv"))).isFalse();
        assertThat(Uploads.errors(bad)).containsExactly("1 empty_text");
    }

    @Test
    void aZipThatUnpacksToTooMuchIsRefused() {
        String much = "good ".repeat(4 << 20);
        for (byte[] zip : List.of(
                Zips.of("pos/1.txt", much, "neg/1.txt", much),
                Zips.of("a.csv", "text,label\n" + much),
                Zips.workbook("", "", "xl/sharedStrings.xml", "<sst><si><t>" + much + "</t></si></sst>"))) {
            Answer refused = uploads.send("b.zip", zip);

            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("compression_ratio");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x.parquet | text,label  | wrong_format
            x.xlsx    | text,label  | wrong_format
            x.zip     | text,label  | wrong_format
            x.csv     | PAR1        | malformed_parquet
            x.csv     | PAR1PAR1    | malformed_parquet
            """)
    void aFileThatIsNotWhatItSaysIsRefused(String name, String start, String code) {
        assertThat(uploads.send(name, start).code()).isEqualTo(code);
    }

    @Test
    void aFormatThatTheFileDoesNotHaveIsRefused() throws IOException {
        byte[] parquet = Files.readAllBytes(FILES.resolve("snappy.parquet"));

        assertThat(uploads.send("x", parquet, "format", "csv").code()).isEqualTo("wrong_format");
        assertThat(uploads.send("x", ROWS.getBytes(UTF_8), "format", "parquet").code())
                .isEqualTo("wrong_format");
        assertThat(uploads.send("x.zip", Zips.of(), "format", "folders").status())
                .isEqualTo(422);
        assertThat(uploads.send("x.xls", new byte[] {(byte) 0xD0, (byte) 0xCF, 0x11, (byte) 0xE0, 0, 0})
                        .code())
                .isEqualTo("unsupported_format");
        assertThat(uploads.send("x.zip", Arrays.copyOf(Zips.of("a.csv", ROWS), 60))
                        .code())
                .isEqualTo("corrupt_file");
    }

    @Test
    void filesOfDifferentFormatsMakeOneDataset() throws IOException {
        JsonNode dataset = Uploads.good(uploads.send(List.of(
                new FilePart("train", "workbook.xlsx", Files.readAllBytes(FILES.resolve("workbook.xlsx"))),
                new FilePart("test", "test.csv", "text,label\nso so,pos\n".getBytes(UTF_8)))));

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":4,\"validation\":0,\"test\":1}");
        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("pos", 3, "neg", 2));
    }
}
