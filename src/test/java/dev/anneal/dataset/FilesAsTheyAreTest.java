package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Client.FilePart;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Files as people have them: any delimiter, header and encoding, several files, and the dialects of other tools. */
@ServerTest
class FilesAsTheyAreTest {
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @ParameterizedTest
    @CsvSource({"semicolon.csv, ;", "sep.csv, ','"})
    void theDelimiterIsFoundAndShown(String name, String delimiter) throws IOException {
        JsonNode dataset = uploads.good(name, Files.readAllBytes(Cases.of(name)));

        assertThat(dataset.get("row_count").asInt()).isEqualTo(40);
        assertThat(file(dataset).get("delimiter").asString()).isEqualTo(delimiter);
        assertThat(file(dataset).get("header").asBoolean()).isTrue();
        assertThat(file(dataset).get("encoding").asString()).isEqualTo("utf-8");
        assertThat(file(dataset).get("sha256")).isEqualTo(dataset.get("sha256"));
        assertThat(dataset.get("columns").toString()).isEqualTo("{\"text\":\"text\",\"label\":\"label\"}");
    }

    @Test
    void aControlCharacterThatIsGivenAsDelimiterDoesNotMakeTheFileBinary() {
        JsonNode dataset = uploads.good(
                "x.csv",
                "text,label\na,x\nc,x\nd,y\ne,y\nf,y\ng,x\nh,x\ni,y\n".replace(',', '\u0001'),
                "delimiter",
                "\u0001");

        assertThat(dataset.get("row_count").asInt()).isEqualTo(8);
    }

    @Test
    void aDelimiterThatIsGivenIsUsedInPlaceOfTheOneThatLooksRight() {
        JsonNode dataset = uploads.good("x.csv", "text^label\na;b^x\nc^x\nd^y\ne^y\n", "delimiter", "^");

        assertThat(uploads.rows(dataset).get(0)).isEqualTo("{\"text\":\"a;b\",\"label\":\"x\"}");
        assertThat(file(dataset).get("delimiter").asString()).isEqualTo("^");
        assertThat(uploads.send("x.csv", ROWS, "delimiter", ";").detail())
                .contains("Columns found: text,label")
                .contains("set 'header' to false");
    }

    @Test
    void withATabTheFormatIsTsvUnlessTheFileIsCalledCsv() {
        String rows = "text\tlabel\nsay \"hi\"\tx\nb\tx\nc\ty\nd\ty\n";
        JsonNode tsv = uploads.good("unnamed", rows);
        JsonNode csv = uploads.good("x.csv", rows.replace("say \"hi\"", "\"tab\t\"\"here\"\"\""));

        assertThat(tsv.get("format").asString()).isEqualTo("tsv");
        assertThat(uploads.rows(tsv).get(0)).contains("say \\\"hi\\\"");
        assertThat(csv.get("format").asString()).isEqualTo("csv");
        assertThat(file(csv).get("delimiter").asString()).isEqualTo("tab");
        assertThat(uploads.rows(csv).get(0)).contains("tab\\t\\\"here\\\"");
    }

    @Test
    void aFileWithoutAHeaderHasNumberedColumns() {
        String rows = ROWS.substring(ROWS.indexOf('\n') + 1);
        String columns = "{\"text\":\"column_1\",\"label\":\"column_2\"}";
        JsonNode given = uploads.good("x.csv", rows, "header", "false", "columns", columns);
        JsonNode found = uploads.good("x.csv", rows, "columns", columns);
        Answer unnamed = uploads.send("x.csv", rows, "header", "false");
        Answer bad = uploads.send("x.csv", "\n" + rows + "lonely\n", "columns", columns);

        assertThat(given.get("row_count").asInt()).isEqualTo(4);
        assertThat(uploads.rows(given).get(0)).isEqualTo("{\"text\":\"good\",\"label\":\"a\"}");
        assertThat(file(given).get("header").asBoolean()).isFalse();
        assertThat(uploads.rows(found)).isEqualTo(uploads.rows(given));
        assertThat(unnamed.detail()).contains("Columns found: column_1, column_2.");
        assertThat(Uploads.errors(bad)).containsExactly("6 wrong_field_count");
        assertThat(bad.detail()).contains("but the first row has 2");
    }

    @Test
    void aHeaderInTheMiddleIsAWarningAndNotARow() throws IOException {
        JsonNode dataset = uploads.good("header-twice.csv", Files.readAllBytes(Cases.of("header-twice.csv")));

        assertThat(dataset.get("row_count").asInt()).isEqualTo(40);
        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("a", 20, "b", 20));
        assertThat(uploads.warnings(dataset)).contains("22 repeated_header", "43 repeated_header");
    }

    @Test
    void aQuotationMarkAfterABackslashIsNamedWithItsLineOnce() throws IOException {
        Answer refused = uploads.send("quote-backslash.csv", Files.readAllBytes(Cases.of("quote-backslash.csv")));

        assertThat(Uploads.errors(refused)).containsExactly("2 unreadable_row");
        assertThat(refused.detail()
                        .replaceAll("ds_\\w+", "")
                        .replaceAll("\\D+", " ")
                        .strip())
                .as(refused.detail())
                .matches("2 \\d");
    }

    @Test
    void utf16IsFoundWithAndWithoutAByteOrderMark() throws IOException {
        JsonNode shared = uploads.good("utf16.csv", Files.readAllBytes(Cases.of("utf16.csv")));
        assertThat(shared.get("row_count").asInt()).isEqualTo(40);
        assertThat(file(shared).get("encoding").asString()).isEqualTo("utf-16le");

        for (Charset charset : List.of(UTF_16LE, UTF_16BE)) {
            for (String mark : List.of("", "\ufeff")) {
                JsonNode csv = uploads.good("x.csv", (mark + ROWS.replace("good", "très bon")).getBytes(charset));
                JsonNode jsonl = uploads.good(
                        "x",
                        (mark
                                        + "{\"text\":\"\ud83d\ude00\",\"label\":\"a\"}\n".repeat(2)
                                        + "{\"text\":\"b\",\"label\":\"b\"}\n".repeat(2))
                                .getBytes(charset));

                assertThat(file(csv).get("encoding").asString())
                        .isEqualTo(charset.name().toLowerCase());
                assertThat(uploads.rows(csv).get(0)).contains("très bon");
                assertThat(uploads.rows(jsonl).get(0)).contains("\ud83d\ude00");
            }
        }
    }

    @Test
    void otherEncodingsCanBeGivenAndTheMessageForInvalidBytesNamesTheField() throws IOException {
        byte[] latin1 = Files.readAllBytes(Cases.of("latin1.csv"));
        Answer refused = uploads.send("latin1.csv", latin1);
        JsonNode dataset = uploads.good("latin1.csv", latin1, "encoding", "latin-1");
        JsonNode windows = uploads.good(
                "w.csv",
                ROWS.replace("good", "“good”…").getBytes(Charset.forName("windows-1252")),
                "encoding",
                "windows-1252");
        Answer wrong = uploads.send("x.csv", "text,label\na,b".getBytes(UTF_8), "encoding", "utf-16be");

        assertThat(refused.detail()).contains("'encoding'", "windows-1252");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(40);
        assertThat(uploads.rows(dataset).get(0)).contains("café");
        assertThat(file(dataset).get("encoding").asString()).isEqualTo("iso-8859-1");
        assertThat(uploads.rows(windows).get(0)).contains("“good”…");
        assertThat(wrong.status()).isEqualTo(422);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            format      | excel      | unknown_format    | Valid values: csv
            encoding    | utf8       | unknown_encoding  | Did you mean 'utf-8'?
            delimiter   | ;;         | unknown_delimiter | one character
            header      | maybe      | unknown_header    | true, false
            label_names | {"0":""}   | invalid_value     | list of names
            label_names | ["a","a"]  | invalid_value     | a name twice
            label_names | nonsense   | malformed_json    | not valid JSON
            file_labels | ["a"]      | invalid_value     | must be an object
            columns     | {"label":["a","b"]} | invalid_type | must be a string
            """)
    void aWrongOptionIsNamed(String field, String value, String code, String detail) {
        Answer refused = uploads.send("x.csv", ROWS, field, value);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void aFirstRowWithoutALabelIsNamed() throws IOException {
        Answer refused = uploads.send("first.jsonl", Files.readAllBytes(Cases.of("first-row-lacks-label.jsonl")));

        assertThat(Uploads.errors(refused)).containsExactly("1 empty_label");
    }

    @Test
    void aListInACellIsReadAsLabels() throws IOException {
        JsonNode lists = uploads.good("lists.csv", Files.readAllBytes(Cases.of("labels-json-list.csv")));
        JsonNode python = uploads.good("p.csv", "text,labels\na,\"['x', 'y']\"\nb,[]\nc,[draft]\n");

        assertThat(Uploads.labels(lists)).isEqualTo(Map.of("news", 40, "sport", 20));
        assertThat(uploads.rows(python))
                .containsExactly(
                        "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}",
                        "{\"text\":\"b\",\"labels\":[]}",
                        "{\"text\":\"c\",\"labels\":[\"[draft]\"]}");
    }

    @Test
    void aLabelThatLooksLikeAListIsAWarning() throws IOException {
        JsonNode dataset = uploads.good(
                "lists.csv", Files.readAllBytes(Cases.of("labels-json-list.csv")), "columns", "{\"label\":\"labels\"}");

        assertThat(uploads.warnings(dataset)).containsOnlyOnce("2 label_is_list");
        assertThat(uploads.messages(dataset, "label_is_list")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            sport;news  ! x     ! ;
            sport|news  ! x     ! |
            sport,news  ! sport ! ,
            """)
    void aLabelOfSeveralPartsIsAWarningThatNamesTheSeparator(String list, String other, String separator) {
        String rows = "{\"text\":\"a\",\"label\":\"news\"}\n{\"text\":\"b\",\"label\":\"%1$s\"}\n".formatted(list)
                + "{\"text\":\"c\",\"label\":\"%1$s\"}\n{\"text\":\"d\",\"label\":\"%2$s\"}\n".formatted(list, other);
        JsonNode one = uploads.good("x.jsonl", rows + rows.replace("\"text\":\"", "\"text\":\"more "));
        JsonNode several = uploads.good("y.jsonl", rows, "label_separator", separator);

        assertThat(uploads.messages(one, "label_is_list"))
                .containsExactly(
                        ("The label looks like a list: '%s'. If rows have several labels, give the column the role 'labels', and set"
                                        + " 'label_separator' to '%s'. This warning is about the first such label.")
                                .formatted(list, separator));
        assertThat(Uploads.labels(several)).containsEntry("sport", other.equals("sport") ? 3 : 2);
        assertThat(uploads.messages(several, "label_is_list")).isEmpty();
    }

    @Test
    void aLabelWithACommaIsNoListIfItsPartsAreNoLabels() {
        JsonNode dataset = uploads.good(
                "x.csv",
                "text,label\na,\"Paris, France\"\nb,\"Lyon, France\"\nc,\"Paris, France\"\nd,\"Lyon, France\"\n");

        assertThat(uploads.messages(dataset, "label_is_list")).isEmpty();
    }

    @Test
    void aWarningAboutAnArrayOnOneLineSaysWhichRowsItIsAbout() {
        String rows =
                "{\"text\":\"a\",\"label\":\"x\",\"split\":\"train\"},{\"text\":\"b\",\"label\":\"y\",\"split\":\"train\"},"
                        + "{\"text\":\"c\",\"label\":\"x\",\"split\":\"train\"},{\"text\":\"d\",\"label\":\"y\",\"split\":\"train\"}";
        JsonNode one = uploads.good("x.json", "[" + rows + "," + rows + "]");
        JsonNode lines = uploads.good("x.json", ("[" + rows + "," + rows + "]").replace("},", "},\n"));

        assertThat(uploads.messages(one, "duplicate"))
                .containsExactly(
                        "Row 5: The row repeats row 1.",
                        "Row 6: The row repeats row 2.",
                        "Row 7: The row repeats row 3.",
                        "Row 8: The row repeats row 4.");
        assertThat(uploads.messages(lines, "duplicate")).startsWith("The row repeats line 1.");
    }

    @Test
    void aWarningAboutOneOfSeveralArraysCountsTheRowsOfItsFile() {
        String first = "[{\"label\":\"x\"},{\"text\":\"a\",\"label\":\"x\"},{\"text\":\"b\",\"label\":\"y\"}]";
        String second =
                "[{\"text\":\"\",\"label\":\"y\"},{\"text\":\"a\",\"label\":\"x\"},{\"text\":\"b\",\"label\":\"y\"}]";
        JsonNode dataset = Uploads.good(uploads.send(
                List.of(
                        new FilePart("train", "a.json", first.getBytes(UTF_8)),
                        new FilePart("train", "b.json", second.getBytes(UTF_8))),
                "on_error",
                "skip",
                "max_skipped",
                "2"));

        assertThat(uploads.messages(dataset, "duplicate"))
                .containsExactly(
                        "Row 2: The row repeats row 2 of 'a.json'.", "Row 3: The row repeats row 3 of 'a.json'.");
        assertThat(uploads.messages(dataset, "empty_text"))
                .containsExactly("Row 1: The row has no text.", "Row 1: The row has no text.");
    }

    @Test
    void aWarningAboutArraysOfOneNameCountsTheRowsOfItsFile() {
        String first = array("a", "b", "a", "c", "d");
        String second = array("e", "c", "e");
        JsonNode dataset = Uploads.good(uploads.send(List.of(
                new FilePart("train", "rows.json", first.getBytes(UTF_8)),
                new FilePart("train", "rows.json", second.getBytes(UTF_8)))));

        assertThat(uploads.messages(dataset, "duplicate"))
                .containsExactlyInAnyOrder(
                        "Row 3: The row repeats row 1 of 'rows.json'.",
                        "Row 2: The row repeats row 4 of 'rows.json'.",
                        "Row 3: The row repeats row 1 of 'rows.json'.");
    }

    @Test
    void aWarningAboutTwoRowsInTheSamePlaceHasTheirNumbers() {
        JsonNode dataset = Uploads.good(uploads.send(List.of(
                new FilePart("train", "x.json", array("a", "b", "d", "a").getBytes(UTF_8)))));
        String made = api.post(
                        "/api/v1/datasets/" + dataset.get("id").asString() + "/versions",
                        "{\"steps\":[{\"type\":\"strip\"}]}")
                .text("id");
        JsonNode version = api.get("/api/v1/datasets/" + made).json();
        JsonNode files = Uploads.good(uploads.send(List.of(
                new FilePart("train", "a.csv", "text,label\na,x\nb,y\n".getBytes(UTF_8)),
                new FilePart("train", "a.csv", "text,label\na,x\nc,y\n".getBytes(UTF_8)))));

        assertThat(uploads.messages(version, "duplicate")).containsExactly("Row 4: The row repeats row 1.");
        assertThat(uploads.messages(files, "duplicate")).containsExactly("Row 3: The row repeats row 1.");
    }

    /** Returns a JSON array on one line, with rows of these texts. */
    private static String array(String... texts) {
        return Stream.of(texts)
                .map(text -> "{\"text\":\"%s\",\"label\":\"%s\"}".formatted(text, "ac".contains(text) ? "x" : "y"))
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void aColumnForEachLabelHoldsOnesAndZeros() throws IOException {
        JsonNode dataset = uploads.good(
                "onehot.csv",
                Files.readAllBytes(Cases.of("labels-onehot.csv")),
                "columns",
                "{\"labels\":[\"sport\",\"news\"]}");
        Answer bad = uploads.send("bad.csv", "text,x,y\na,1,0\nb,2,1\n", "columns", "{\"labels\":[\"x\",\"y\"]}");
        JsonNode jsonl = uploads.good(
                "b.jsonl",
                "{\"text\":\"a\",\"x\":true,\"y\":0}\n{\"text\":\"b\",\"x\":1.0,\"y\":1}\n",
                "columns",
                "{\"labels\":[\"x\",\"y\"]}");

        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("news", 40, "sport", 20));
        assertThat(dataset.get("columns").get("labels").asString()).isEqualTo("sport, news");
        assertThat(Uploads.errors(bad)).containsExactly("3 invalid_flag");
        assertThat(Uploads.labels(jsonl)).isEqualTo(Map.of("x", 2, "y", 1));
    }

    @Test
    void numbersGetNamesAsLabelsAndAsTags() {
        JsonNode list =
                uploads.good("x.csv", "text,label\na,0\nb,0\nc,1\nd,1.0\n", "label_names", "[\"bad\",\"good\"]");
        JsonNode object = uploads.good(
                "x.jsonl",
                "{\"text\":\"a\",\"labels\":[5,1]}\n{\"text\":\"b\",\"labels\":[5]}\n",
                "label_names",
                "{\"1\":\"low\",\"5\":\"high\"}");
        JsonNode tags = uploads.good(
                "t.jsonl", "{\"tokens\":[\"EU\",\"says\"],\"ner_tags\":[1,0]}\n", "label_names", "[\"O\",\"B-ORG\"]");
        Answer unknown = uploads.send("x.csv", "text,label\na,0\nb,7\n", "label_names", "[\"bad\",\"good\"]");
        Answer unnamed = uploads.send("t.jsonl", "{\"tokens\":[\"EU\"],\"ner_tags\":[1]}\n");

        assertThat(Uploads.labels(list)).isEqualTo(Map.of("bad", 2, "good", 2));
        assertThat(Uploads.labels(object)).isEqualTo(Map.of("high", 2, "low", 1));
        assertThat(uploads.rows(tags)).containsExactly("{\"tags\":[\"B-ORG\",\"O\"],\"tokens\":[\"EU\",\"says\"]}");
        assertThat(Uploads.errors(unknown)).containsExactly("3 unknown_label");
        assertThat(unnamed.detail()).contains("is a number", "'label_names'");
    }

    @Test
    void instructionsOfAlpacaAndDollyArePrompts() throws IOException {
        JsonNode alpaca = uploads.good("alpaca.jsonl", Files.readAllBytes(Cases.of("alpaca.jsonl")));
        JsonNode dolly = uploads.good(
                "dolly.jsonl",
                "{\"instruction\":\"Why?\",\"context\":\"\",\"response\":\"So.\",\"category\":\"open_qa\"}\n"
                        + "{\"instruction\":\"Sum up.\",\"context\":\"Long.\",\"response\":\"Short.\",\"category\":\"x\"}\n");

        assertThat(alpaca.get("task").asString()).isEqualTo("causal-lm");
        assertThat(alpaca.get("row_count").asInt()).isEqualTo(24);
        assertThat(alpaca.get("columns").toString())
                .isEqualTo("{\"prompt\":\"instruction, input\",\"completion\":\"output\"}");
        assertThat(uploads.rows(alpaca).get(0))
                .isEqualTo("{\"prompt\":\"Translate to French\\n\\nword 0\",\"completion\":\"mot 0\"}");
        assertThat(file(alpaca).get("dialect").asString()).isEqualTo("alpaca");
        assertThat(file(dolly).get("dialect").asString()).isEqualTo("dolly");
        assertThat(uploads.rows(dolly))
                .containsExactly(
                        "{\"prompt\":\"Why?\",\"completion\":\"So.\"}",
                        "{\"prompt\":\"Sum up.\\n\\nLong.\",\"completion\":\"Short.\"}");
    }

    @Test
    void conversationsOfShareGptAreRead() throws IOException {
        JsonNode dataset = uploads.good("sharegpt.jsonl", Files.readAllBytes(Cases.of("sharegpt.jsonl")));

        assertThat(dataset.get("row_count").asInt()).isEqualTo(24);
        assertThat(file(dataset).get("dialect").asString()).isEqualTo("sharegpt");
        assertThat(uploads.rows(dataset).get(0))
                .isEqualTo("{\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
                        + "{\"role\":\"user\",\"content\":\"q 0\"},{\"role\":\"assistant\",\"content\":\"a 0\"}]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat-array.json", "pretty-array.json"})
    void aJsonArrayIsADataset(String name) throws IOException {
        JsonNode dataset = uploads.good(name, Files.readAllBytes(Cases.of(name)));

        assertThat(dataset.get("format").asString()).isEqualTo("json");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(40);
    }

    @Test
    void theThreeFilesOfWnut17LoadUnchanged() throws IOException {
        JsonNode dataset = Uploads.good(uploads.send(List.of(
                new FilePart("train", "wnut17train.conll", Uploads.sharedBytes("wnut17/wnut17train.conll")),
                new FilePart("validation", "emerging.dev.conll", Uploads.sharedBytes("wnut17/emerging.dev.conll")),
                new FilePart(
                        "test", "emerging.test.annotated", Uploads.sharedBytes("wnut17/emerging.test.annotated")))));

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":3394,\"validation\":1009,\"test\":1287}");
        assertThat(dataset.get("files")
                        .valueStream()
                        .map(file -> file.get("split").asString() + " " + file.get("row_count")))
                .containsExactly("train 3394", "validation 1009", "test 1287");
        assertThat(dataset.get("size_bytes").asInt()).isEqualTo(493_781 + 114_749 + 192_425);
    }

    @Test
    void theTwoFilesOfRtPolarityHaveOneLabelEach() throws IOException {
        JsonNode dataset = Uploads.good(uploads.send(
                List.of(
                        new FilePart("file", "rt-polarity.pos", Uploads.sharedBytes("rt_polarity/rt-polarity.pos")),
                        new FilePart("file", "rt-polarity.neg", Uploads.sharedBytes("rt_polarity/rt-polarity.neg"))),
                "encoding",
                "latin-1",
                "file_labels",
                "{\"rt-polarity.pos\":\"pos\",\"rt-polarity.neg\":\"neg\"}"));

        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("pos", 5331, "neg", 5331));
        assertThat(dataset.get("format").asString()).isEqualTo("lines");
        assertThat(dataset.get("files").get(1).get("label").asString()).isEqualTo("neg");
    }

    @Test
    void theRawFilesOfTrecAreSplitAtTheFirstSpace() throws IOException {
        JsonNode dataset = Uploads.good(uploads.send(
                List.of(
                        new FilePart("train", "TREC.train.all", Uploads.sharedBytes("trec6/TREC.train.all")),
                        new FilePart("test", "TREC.test.all", Uploads.sharedBytes("trec6/TREC.test.all"))),
                "delimiter",
                "first-space",
                "encoding",
                "latin-1",
                "columns",
                "{\"label\":\"column_1\",\"text\":\"column_2\"}",
                "label_names",
                "[\"DESC\",\"ENTY\",\"ABBR\",\"HUM\",\"LOC\",\"NUM\"]"));

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":5452,\"validation\":0,\"test\":500}");
        assertThat(Uploads.labels(dataset))
                .isEqualTo(Map.of(
                        "DESC",
                        1162 + 138,
                        "ENTY",
                        1250 + 94,
                        "ABBR",
                        86 + 9,
                        "HUM",
                        1223 + 65,
                        "LOC",
                        835 + 81,
                        "NUM",
                        896 + 113));
        assertThat(uploads.rows(dataset).get(0)).contains("How did serfdom develop in and then leave Russia ?");
    }

    @Test
    void aLabelCanEndBeforeItsFinePart() {
        JsonNode dataset = uploads.good(
                "trec.label",
                "NUM:dist How far is it ?\nNUM:date When was it ?\nHUM:ind Who was it ?\nHUM:gr Who were they ?\n",
                "delimiter",
                "first-space",
                "header",
                "false",
                "columns",
                "{\"label\":\"column_1\",\"text\":\"column_2\"}",
                "label_until",
                ":");

        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("HUM", 2, "NUM", 2));
        assertThat(uploads.rows(dataset).get(0)).isEqualTo("{\"text\":\"How far is it ?\",\"label\":\"NUM\"}");
    }

    @Test
    void hatecheckLoadsWithOneOption() throws IOException {
        JsonNode dataset = uploads.good(
                "test_suite_cases.csv",
                Uploads.sharedBytes("hatecheck/test_suite_cases.csv"),
                "columns",
                "{\"text\":\"test_case\",\"label\":\"label_gold\"}");

        assertThat(Uploads.labels(dataset)).isEqualTo(Map.of("hateful", 2563, "non-hateful", 1165));
    }

    @Test
    void aProblemOfOneOfSeveralFilesNamesTheFileAndItsLine() {
        FilePart good = new FilePart("train", "a.csv", ROWS.getBytes(UTF_8));
        Answer row = uploads.send(List.of(good, new FilePart("test", "b.csv", "text,label\nx,\n".getBytes(UTF_8))));
        Answer empty = uploads.send(List.of(good, new FilePart("test", "b.csv", new byte[0])));
        Answer columns =
                uploads.send(List.of(good, new FilePart("test", "b.csv", "review,label\nx,a\n".getBytes(UTF_8))));

        assertThat(Uploads.errors(row)).containsExactly("2 empty_label");
        assertThat(row.detail()).contains("In 'b.csv'");
        JsonNode problem = api.get("/api/v1/datasets/" + row.text("dataset") + "/problems?severity=error")
                .json()
                .get("data")
                .get(0);
        assertThat(problem.get("file").asString()).isEqualTo("b.csv");
        assertThat(empty.code()).isEqualTo("empty_file");
        assertThat(empty.detail()).startsWith("In 'b.csv': ");
        assertThat(columns.code()).isEqualTo("different_columns");
        assertThat(columns.detail())
                .contains(
                        "the columns text=review, label=label, split=split, but those before it have text-classification and text=text,"
                                + " label=label, split=split.");
    }

    @Test
    void rowsAreNumberedAcrossFilesAndASplitIsGivenOnlyOnce() {
        byte[] rows = ROWS.getBytes(UTF_8);
        Answer twice = uploads.send(List.of(new FilePart("train", "a.csv", rows)), "split", "{\"validation\":0.5}");
        Answer column = uploads.send(List.of(
                new FilePart("test", "a.csv", "text,label,split\na,x,train\n".getBytes(StandardCharsets.UTF_8))));
        JsonNode dataset = Uploads.good(
                uploads.send(List.of(new FilePart("file", "a.csv", rows), new FilePart("file", "b.csv", rows))));

        assertThat(twice.code()).isEqualTo("conflicting_split");
        assertThat(column.code()).isEqualTo("conflicting_split");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(8);
        assertThat(dataset.get("name").asString()).matches("a(-\\d+)?.csv");
    }

    @Test
    void anotherFileUnderTheSameIdempotencyKeyIsRefused() {
        List<FilePart> one = List.of(new FilePart("train", "a.csv", ROWS.getBytes(UTF_8)));
        List<FilePart> other = List.of(new FilePart("test", "a.csv", ROWS.getBytes(UTF_8)));
        Answer first = api.uploadTo("/api/v1/datasets", one, Map.of(), "Idempotency-Key", "files-1");
        Answer again = api.uploadTo("/api/v1/datasets", one, Map.of(), "Idempotency-Key", "files-1");
        Answer refused = api.uploadTo("/api/v1/datasets", other, Map.of(), "Idempotency-Key", "files-1");

        assertThat(again.json()).isEqualTo(first.json());
        assertThat(refused.code()).isEqualTo("idempotency_key_reused");
    }

    @Test
    void aColumnWithoutANameIsCalledByItsPlace() {
        String rows = ",text,label,\n0,x,a,\n1,y,a,\n2,z,b,\n3,w,b,\n";
        JsonNode dataset = Uploads.good(uploads.send("pandas.csv", rows.getBytes(UTF_8)));
        Answer none = uploads.send("pandas.csv", rows.replace("label", "stars").getBytes(UTF_8));

        assertThat(dataset.get("columns").toString()).isEqualTo("{\"text\":\"text\",\"label\":\"label\"}");
        assertThat(none.detail()).contains("Columns found: column_1, text, stars, column_4.");
    }

    @Test
    void aColumnOfScoresMakesARegression() {
        String rows = "text,score\nx,1.5\ny,-2\nz,3e1\nw,4\n";
        JsonNode dataset = Uploads.good(uploads.send("scores.csv", rows.getBytes(UTF_8)));
        Answer words = uploads.send("scores.csv", rows.replace("1.5", "good").getBytes(UTF_8));

        assertThat(dataset.get("task").asString()).isEqualTo("text-regression");
        assertThat(words.code()).isEqualTo("missing_column");
    }

    @Test
    void aBinaryFileIsRefusedWhateverItsName() {
        byte[] picture = new byte[5_000];
        new java.util.Random(1).nextBytes(picture);

        byte[] small = "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR,\n1,2\n".getBytes(StandardCharsets.ISO_8859_1);
        for (byte[] file : List.of(picture, small, "%PDF-1.7\n1 0 obj\n".getBytes(UTF_8))) {
            Answer refused = uploads.send("picture.csv", file);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("wrong_format");
            assertThat(refused.detail())
                    .startsWith("The file is binary, not text. Send a text file such as CSV or JSONL");
        }
    }

    private static JsonNode file(JsonNode dataset) {
        return dataset.get("files").get(0);
    }
}
