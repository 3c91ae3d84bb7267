package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@ServerTest
class DatasetApiTest {
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Test
    void aCsvFileBecomesADatasetWithItsLabelsCounted() {
        Answer created = api.upload("reviews.csv", ROWS);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.headers().firstValue("Location")).contains("/api/v1/datasets/" + created.text("id"));
        assertThat(created.text("status")).isEqualTo("ready");
        assertThat(created.json().get("row_count").asInt()).isEqualTo(4);
        assertThat(created.json().get("labels").toString())
                .isEqualTo("[{\"name\":\"a\",\"count\":2},{\"name\":\"b\",\"count\":2}]");
        assertThat(api.get("/api/v1/datasets/" + created.text("id")).json()).isEqualTo(created.json());
        assertThat(api.get("/api/v1/datasets?limit=1").json().get("data").get(0).get("id"))
                .isEqualTo(created.json().get("id"));
    }

    @Test
    void aListHasOnlyTheDatasetsOfAStatusThatARequestNames() {
        String ready = api.upload("reviews.csv", ROWS).text("id");
        String rejected = api.upload("rejected.csv", "text,label\n,a\n").text("dataset");

        assertThat(ids("?status=ready&limit=1")).containsExactly(ready);
        assertThat(ids("?status=rejected&limit=1")).containsExactly(rejected);
        assertThat(ids("?status=rejected&after=" + rejected)).doesNotContain(ready, rejected);
        assertThat(ids("?status=validating")).isEmpty();
    }

    private List<String> ids(String query) {
        return api.get("/api/v1/datasets" + query)
                .json()
                .path("data")
                .valueStream()
                .map(dataset -> dataset.path("id").asString())
                .toList();
    }

    @Test
    void quotedFieldsMayHoldCommasQuotesAndLineBreaks() {
        Answer created =
                api.upload("q.csv", "label,text\r\na,\"one, \"\"two\"\"\r\nthree \\ \t.\"\r\na,x\r\nb,y\r\nb,z\r\n");

        JsonNode rows = rows(created);
        assertThat(rows.get(0).get("text").asString()).isEqualTo("one, \"two\"\r\nthree \\ \t.");
        assertThat(rows).hasSize(4);
    }

    @Test
    void tsvAndJsonlAreAcceptedAndNumbersMayBeLabels() {
        Answer tsv = api.upload("r.tsv", "text\tlabel\nsay \"hi\"\t1\nb\t1\nc\t0\nd\t0\n");
        Answer jsonl = api.upload(
                "unnamed",
                "{\"text\":\"a\",\"label\":1}\n\n{\"label\":1,\"text\":\"b\",\"x\":[1]}\n"
                        + "{\"text\":\"c\",\"label\":0}\n{\"text\":\"d\",\"label\":0}\n");

        assertThat(tsv.text("format")).isEqualTo("tsv");
        assertThat(rows(tsv).get(0).get("text").asString()).isEqualTo("say \"hi\"");
        assertThat(jsonl.text("format")).isEqualTo("jsonl");
        assertThat(jsonl.json().get("labels").get(0).get("name").asString()).isEqualTo("0");
    }

    @Test
    void aJsonArrayOfObjectsIsAcceptedWithAnyName() {
        String rows = "[{\"text\":\"a\",\"label\":\"x\"},\n {\"text\":\"b\",\"label\":\"x\"},\n"
                + " {\"text\":\"c\",\"label\":\"y\"},\n {\"text\":\"d\",\"label\":\"y\"}]\n";
        Answer json = api.upload("r.json", rows);

        assertThat(json.text("format")).isEqualTo("json");
        assertThat(rows(json)).hasSize(4);
        assertThat(api.upload("unnamed", rows).text("format")).isEqualTo("json");
        assertThat(api.upload("empty.json", "[]").code()).isEqualTo("no_rows");
    }

    @Test
    void aBadElementOfAJsonArrayIsRefusedByLineAndMalformedJsonEndsTheReading() {
        Answer refused = api.upload(
                "bad.json",
                "[{\"text\":\"a\",\"label\":\"x\"},\n {\"text\":\"b\"},\n 3,\n {\"text\":\"c\" \"label\"}]");

        assertThat(refused.json()
                        .get("errors")
                        .valueStream()
                        .map(e -> e.get("line").asInt() + " " + e.get("code").asString())
                        .toList())
                .containsExactly("2 empty_label", "3 malformed_json", "4 malformed_json");
    }

    @Test
    void columnsCanBeMappedToRoles() {
        Answer created = api.upload(
                "m.csv",
                "id,q,stars\n1,good,5\n2,fine,5\n3,bad,1\n4,awful,1\n".getBytes(StandardCharsets.UTF_8),
                Map.of("columns", "{\"text\":\"q\",\"label\":\"stars\"}", "name", "stars"));

        assertThat(created.text("name")).isEqualTo("stars");
        assertThat(rows(created).get(0).get("text").asString()).isEqualTo("good");
    }

    @Test
    void rowsAreSplitPerLabelAndTheSameWayForTheSameSeed() {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 100; i++) {
            csv.append("text ").append(i).append(i < 80 ? ",many\n" : ",few\n");
        }
        Map<String, String> split = Map.of("split", "{\"validation\":0.2,\"test\":0.1,\"seed\":7}");
        Answer first = api.upload("s.csv", csv.toString().getBytes(StandardCharsets.UTF_8), split);
        Answer second = api.upload("s.csv", csv.toString().getBytes(StandardCharsets.UTF_8), split);

        assertThat(first.json().get("splits").toString()).isEqualTo("{\"train\":70,\"validation\":20,\"test\":10}");
        JsonNode statistics =
                api.get("/api/v1/datasets/" + first.text("id") + "/statistics").json();
        assertThat(statistics.get("labels").get(0).toString())
                .isEqualTo("{\"name\":\"few\",\"train\":14,\"validation\":4,\"test\":2}");
        String page = "/rows?split=test&limit=100";
        assertThat(api.get("/api/v1/datasets/" + first.text("id") + page).json())
                .isEqualTo(
                        api.get("/api/v1/datasets/" + second.text("id") + page).json());
    }

    /** The same file and seed must give the same split in every release. */
    @Test
    void theRowsOfALabelWithTheLowestMd5OfSeedAndNumberAreForTestAndTheNextForValidation() throws Exception {
        StringBuilder csv = new StringBuilder("text,label\n");
        TreeMap<String, Integer> many = new TreeMap<>();
        TreeMap<String, Integer> few = new TreeMap<>();
        for (int number = 1; number <= 50; number++) {
            boolean frequent = number % 5 > 0;
            csv.append("text ").append(number).append(frequent ? ",many\n" : ",few\n");
            byte[] hash = MessageDigest.getInstance("MD5").digest(("7:" + number).getBytes(StandardCharsets.UTF_8));
            (frequent ? many : few).put(HexFormat.of().formatHex(hash), number);
        }
        TreeMap<Integer, String> expected = new TreeMap<>();
        for (TreeMap<String, Integer> label : List.of(many, few)) {
            for (int number : label.values()) {
                int place = expected.size() % 40; // the first label has 40 rows
                expected.put(
                        number,
                        place < label.size() / 10 ? "test" : place < label.size() * 3 / 10 ? "validation" : "train");
            }
        }

        Answer created = api.upload(
                "s.csv",
                csv.toString().getBytes(StandardCharsets.UTF_8),
                Map.of("split", "{\"validation\":0.2,\"test\":0.1,\"seed\":7}"));

        assertThat(rows(created).valueStream().map(row -> row.get("split").asString()))
                .containsExactlyElementsOf(expected.values());
    }

    @Test
    void statisticsAreComputedOnce() {
        String id = api.upload("reviews.csv", ROWS).text("id");
        JsonNode first = api.get("/api/v1/datasets/" + id + "/statistics").json();
        jdbc.sql("delete from dataset_rows where dataset_id = ?").param(id).update();

        assertThat(api.get("/api/v1/datasets/" + id + "/statistics").json()).isEqualTo(first);
    }

    @Test
    void rowsCanBeSplitInTheOrderOfTheFile() {
        Answer created = api.upload(
                "o.csv",
                "text,label\na,x\nb,y\nc,x\nd,y\ne,x\nf,y\n".getBytes(StandardCharsets.UTF_8),
                Map.of("split", "{\"validation\":0.34,\"test\":0.17,\"order\":\"file\"}"));

        assertThat(rows(created).valueStream().map(row -> row.get("split").asString()))
                .containsExactly("train", "train", "train", "validation", "validation", "test");
    }

    @Test
    void aSplitColumnDecidesTheSplits() {
        Answer created = api.upload(
                "c.csv", "text,label,split\na,x,train\nb,x,train\nc,y,train\nd,y,training\ne,x,dev\nf,y,test\n");

        assertThat(created.json().get("splits").toString()).isEqualTo("{\"train\":4,\"validation\":1,\"test\":1}");
    }

    @Test
    void rowsArePagedInTheOrderOfTheFile() {
        String id = api.upload("p.csv", ROWS).text("id");

        JsonNode first = api.get("/api/v1/datasets/" + id + "/rows?limit=3").json();
        JsonNode second =
                api.get("/api/v1/datasets/" + id + "/rows?limit=3&after=3").json();

        assertThat(first.get("has_more").asBoolean()).isTrue();
        assertThat(second.get("has_more").asBoolean()).isFalse();
        assertThat(second.get("data").get(0).get("text").asString()).isEqualTo("awful");
        long last = second.get("data")
                .get(second.get("data").size() - 1)
                .get("number")
                .asLong();
        Answer end = api.get("/api/v1/datasets/" + id + "/rows?split=validation&after=" + last);
        assertThat(end.json().toString()).isEqualTo("{\"data\":[],\"has_more\":false,\"next_after\":null}");
        assertThat(api.get("/api/v1/datasets/" + id + "/rows?after=" + (last + 1))
                        .code())
                .isEqualTo("unknown_cursor");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    empty_file       | ''                                                      | empty
                    no_rows          | text,label                                              | no rows
                    missing_column   | text,lable;good,a;bad,b                                 | Columns found: text, lable
                    missing_column   | a,b;good,a                                              | Columns found: a, b
                    duplicate_column | text,text,label;a,b,c                                   | twice
                    single_class     | text,label;good,a;bad,a                                 | at least two labels
                    label_too_rare   | text,label;good,a;bad,a;worse,b                         | The label 'b' has only one row
                    wrong_field_count| text,label;good,a;bad;worse,b                           | line 3
                    empty_label      | text,label;good,a;fine,;bad,b                           | line 3
                    empty_text       | text,label;good,a;fine,a; ,b                            | line 4
                    malformed_json   | {"text": tr~ue};{"text":"b","label":"x"}                 | line 1
                    unknown_split    | text,label,split;good,a,train;bad,b,trian               | line 3
                    """)
    void aBadFileIsRefusedWithItsReason(String code, String file, String detail) {
        Answer refused = api.upload(
                file.startsWith("{") ? "bad.jsonl" : "bad.csv",
                file.replace(';', '\n').replace('~', '\0'));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void aLongLabelIsQuotedInPart() {
        String label = "x".repeat(90);
        String quoted = "x".repeat(80) + "…";
        String repeated = "{\"text\":\"a\",\"labels\":[\"%s\",\"%s\"]}\n".formatted(label, label);

        assertThat(api.upload("one.csv", "text,label\na," + label + "\nb," + label + "\n")
                        .detail())
                .contains("'" + quoted + "'");
        assertThat(api.upload("rare.csv", "text,label\na,x\nb,x\nc," + label + "\n")
                        .detail())
                .contains("The label '" + quoted + "' has only one row.");
        assertThat(api.upload("repeated.jsonl", repeated).detail()).contains("'" + quoted + "' twice");
    }

    @Test
    void invalidBytesNullBytesAndHugeTextsAreRefusedByLineAndTheProblemsAreStored() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("text,label\ngood,a\n".getBytes(StandardCharsets.UTF_8));
        file.writeBytes(new byte[] {'c', 'a', 'f', (byte) 0xe9, ',', 'b', '\n'});
        file.writeBytes("nu\0ll,b\n".getBytes(StandardCharsets.UTF_8));
        file.writeBytes(("x".repeat(10_000_000) + ",b\n").getBytes(StandardCharsets.UTF_8));
        file.writeBytes("fine \u00e9\ud83d\ude00,a\n".getBytes(StandardCharsets.UTF_8));

        Answer refused = api.upload("bytes.csv", file.toByteArray(), Map.of());

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("dataset_rejected");
        assertThat(refused.json()
                        .get("errors")
                        .valueStream()
                        .map(e -> e.get("line").asInt() + " " + e.get("code").asString())
                        .toList())
                .containsExactly("3 invalid_utf8", "4 null_byte", "5 text_too_long");
        String id = refused.text("dataset");
        assertThat(api.get("/api/v1/datasets/" + id).text("status")).isEqualTo("rejected");
        JsonNode problems =
                api.get("/api/v1/datasets/" + id + "/problems?limit=2&after=1").json();
        assertThat(problems.get("data").get(0).get("code").asString()).isEqualTo("null_byte");
        assertThat(problems.get("data").get(0).get("severity").asString()).isEqualTo("error");
        String page = "/api/v1/datasets/" + id + "/problems";
        assertThat(api.get(page + "?severity=warning").json().get("data")).isEmpty();
        assertThat(api.get(page + "?severity=error&code=text_too_long").json().get("data"))
                .hasSize(1);
        assertThat(api.get(page + "?severity=fatal").code()).isEqualTo("unknown_severity");
        assertThat(api.get("/api/v1/datasets/" + id).json().get("problem_codes").toString())
                .isEqualTo("[{\"code\":\"invalid_utf8\",\"severity\":\"error\",\"count\":1},"
                        + "{\"code\":\"null_byte\",\"severity\":\"error\",\"count\":1},"
                        + "{\"code\":\"text_too_long\",\"severity\":\"error\",\"count\":1}]");
    }

    @Test
    void aQuoteThatNeverClosesIsRefused() {
        Answer refused = api.upload("open.csv", "text,label\ngood,a\n\"never closed,b\nbad,b\n");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("unreadable_row");
        assertThat(refused.json().get("errors").get(0).get("line").asInt()).isEqualTo(3);
    }

    @Test
    void anObjectWithoutFieldsHasNoColumns() {
        assertThat(api.upload("empty.jsonl", "{}\n").code()).isEqualTo("missing_column");
        assertThat(api.upload("empty.json", "[{}]").code()).isEqualTo("missing_column");
    }

    @Test
    void aFileOfBlankLinesHasNoRows() {
        assertThat(api.upload("blank.jsonl", "\n \n").code()).isEqualTo("no_rows");
    }

    @Test
    void badJsonLinesAreRefusedByLine() {
        Answer refused = api.upload(
                "bad.jsonl",
                "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\"\n[1]\n{\"text\":[\"c\"],\"label\":\"x\"}\n"
                        + "{\"text\":\"\\ud800\",\"label\":\"x\"}\n");

        assertThat(refused.json()
                        .get("errors")
                        .valueStream()
                        .map(e -> e.get("line").asInt() + " " + e.get("code").asString())
                        .toList())
                .containsExactly("2 malformed_json", "3 malformed_json", "4 invalid_type", "5 invalid_unicode");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    columns | {"txt":"a"}         | unknown_field   | Did you mean 'text'?
                    columns | {"text"             | malformed_json  | not valid JSON
                    columns | {"text":"nope"}     | missing_column  | Columns found: text, label
                    split   | {"validation":2}    | out_of_range    | from 0 to 1
                    split   | {"validation":0.6,"test":0.6} | conflicting_options | add up to more than 1
                    split   | {"order":"fil"}     | unknown_order   | Did you mean 'file'?
                    columns | {"label":"label","labels":"text"} | conflicting_roles | together with 'text', 'text_pair'
                    task    | text-clasification  | unknown_task    | Did you mean 'text-classification'?
                    """)
    void aWrongFormFieldIsNamed(String field, String value, String code, String detail) {
        Answer refused = api.upload("r.csv", ROWS.getBytes(StandardCharsets.UTF_8), Map.of(field, value));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void theSameIdempotencyKeyMakesOneDatasetAndAnotherFileUnderItIsRefused() {
        byte[] rows = ROWS.getBytes(StandardCharsets.UTF_8);
        Answer first = api.upload("i.csv", rows, Map.of(), "Idempotency-Key", "upload-1");
        Answer again = api.upload("i.csv", rows, Map.of(), "Idempotency-Key", "upload-1");
        Answer other = api.upload("i.csv", (ROWS + "x,a\n").getBytes(), Map.of(), "Idempotency-Key", "upload-1");

        assertThat(again.json()).isEqualTo(first.json());
        assertThat(other.code()).isEqualTo("idempotency_key_reused");
    }

    @Test
    void aDeletedDatasetIsGone() {
        String id = api.upload("d.csv", ROWS).text("id");

        assertThat(api.delete("/api/v1/datasets/" + id).status()).isEqualTo(204);
        assertThat(jdbc.sql("select count(*) from dataset_rows where dataset_id = ?")
                        .param(id)
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(api.get("/api/v1/datasets/" + id).status()).isEqualTo(404);
        assertThat(api.delete("/api/v1/datasets/" + id).code()).isEqualTo("not_found");
    }

    @Test
    @Timeout(60)
    void anEndlessRowIsRefusedAndNotHeldInMemory() {
        StringBuilder header = new StringBuilder("text,label");
        for (int i = 0; header.length() < 8_000_000; i++) {
            header.append(',').append(Integer.toString(i, 36));
        }
        Answer many = api.upload("wide.csv", header + "\n");
        assertThat(many.status()).isEqualTo(422);
        assertThat(many.code()).isIn("too_many_columns", "unreadable_row");
        assertThat(many.bytes().length).isLessThan(10_000);
        assertThat(api.upload("wide.csv", header.substring(0, 50_000) + "\n").code())
                .isEqualTo("too_many_columns");

        Answer row = api.upload("wide.csv", "text,label\n" + ",".repeat(3_000_000) + "\n");
        assertThat(row.status()).isEqualTo(422);
        assertThat(row.code()).isEqualTo("unreadable_row");
    }

    @Test
    void linesAreCountedWithAnyKindOfLineEnd() {
        byte[] file = "text,label\rgood,a\rcaf#,a\rbad,b\rworse,b\r".getBytes(StandardCharsets.ISO_8859_1);
        file[20] = (byte) 0xe9;
        Answer refused = api.upload("old.csv", file, Map.of());

        assertThat(refused.code()).isEqualTo("invalid_utf8");
        assertThat(refused.json().get("errors").get(0).get("line").asInt()).isEqualTo(3);
    }

    @Test
    void aFileWithAsManyLabelsAsRowsIsRefused() {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 2_100; i++) {
            csv.append("text ").append(i).append(",label ").append(i / 2).append('\n');
        }
        assertThat(api.upload("many.csv", csv.toString()).code()).isEqualTo("too_many_labels");
    }

    @Test
    void aBodyThatIsNotAFormIsRefused() {
        assertThat(api.post("/api/v1/datasets", "{}").status()).isEqualTo(415);
    }

    private JsonNode rows(Answer created) {
        return api.get("/api/v1/datasets/" + created.text("id") + "/rows?limit=100")
                .json()
                .get("data");
    }
}
