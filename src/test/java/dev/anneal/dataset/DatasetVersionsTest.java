package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.text.Sha256;
import dev.anneal.web.limit.DownloadLimit;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

/** Versions of datasets: what each step changes, where a version comes from, and its rows as a file. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class DatasetVersionsTest {
    private static final String ROWS = """
            text,label,split
            good film,a,train
            good film,a,train
            bad film,b,train
            a dull one,b,train
            good film,a,test
            a very long and boring film with too many cars,b,train
            a very long and boring film with too many cars!,b,test
            fine,a,validation
            lovely,a,train
            red film,b,train
            """;

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DownloadLimit downloads;

    @Autowired
    Datasets datasets;

    @Autowired
    TransactionTemplate transactions;

    private Answer version(String dataset, String steps) {
        return api.post("/api/v1/datasets/" + dataset + "/versions", "{\"steps\":[" + steps + "]}");
    }

    private JsonNode made(String dataset, String steps) {
        Answer answer = version(dataset, steps);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.json();
    }

    private String upload(String rows) {
        return new Uploads(api).good("films.csv", rows).get("id").asString();
    }

    /** Returns the rows as "number split label text". */
    private List<String> rows(JsonNode dataset) {
        return api.get("/api/v1/datasets/" + dataset.get("id").asString() + "/rows?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .map(row -> row.get("number").asString() + " "
                        + row.get("split").asString() + " " + row.path("label").asString("-") + " "
                        + row.path("text").asString("-"))
                .toList();
    }

    private static String change(JsonNode version, int step) {
        JsonNode change = version.get("changes").get(step);
        return change.get("step").get("type").asString() + " -"
                + change.get("rows_removed").asString() + " ~"
                + change.get("rows_changed").asString() + " +"
                + change.get("rows_added").asString();
    }

    @Test
    void aVersionHasNoDuplicatesAndNoLeakageAndItsParentStays() {
        String parent = upload(ROWS);

        JsonNode version = made(parent, "{\"type\":\"drop_duplicates\"},{\"type\":\"remove_leakage\"}");

        assertThat(change(version, 0)).isEqualTo("drop_duplicates -1 ~0 +0");
        assertThat(change(version, 1)).isEqualTo("remove_leakage -2 ~0 +0");
        assertThat(rows(version))
                .containsExactly(
                        "3 train b bad film",
                        "4 train b a dull one",
                        "5 test a good film",
                        "7 test b a very long and boring film with too many cars!",
                        "8 validation a fine",
                        "9 train a lovely",
                        "10 train b red film");
    }

    /** One test row is almost in many training rows, some of which are copies of each other. */
    @Test
    void aJobDoesNotWarnOfLeakageAfterItIsRemoved() {
        String text = "a very long and boring film with too many cars and number ";
        StringBuilder csv = new StringBuilder("text,label,split\n" + text + "0,a,test\n");
        for (int i = 0; i < 60; i++) {
            csv.append(text).append(i / 2).append(i % 2 == 0 ? ",a,train\n" : ",b,train\n");
            csv.append("quite another text ")
                    .append(Integer.toString(i * 7919, 36))
                    .append(",a,train\nnothing like ");
            csv.append(Integer.toString(i * 104729, 36)).append(",b,train\n");
        }
        String parent = upload(csv.toString());

        JsonNode version = made(parent, "{\"type\":\"remove_leakage\"}");

        assertThat(api.get("/api/v1/datasets/" + parent)
                        .json()
                        .get("problem_codes")
                        .toString())
                .contains("leakage");
        assertThat(version.get("problem_codes").toString()).doesNotContain("leakage");
        String job = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\""
                                + version.get("id").asString() + "\"}")
                .text("id");
        assertThat(api.get("/api/v1/jobs/" + job + "/events").json().get("data").toString())
                .doesNotContain("leakage");
        api.post("/api/v1/jobs/" + job + "/cancel");
    }

    @Test
    void stepsThatReadAllRowsAreLimited() {
        String parent = upload(ROWS);
        String step = "{\"type\":\"sample\",\"fraction\":1}";

        assertThat(version(parent, String.join(",", Collections.nCopies(9, step)))
                        .code())
                .isEqualTo("too_many_costly_steps");
        assertThat(version(parent, String.join(",", Collections.nCopies(8, step)))
                        .status())
                .isEqualTo(201);
        String label = "x".repeat(200);
        String map = IntStream.range(0, 500)
                .mapToObj(i -> "\"" + i + "\":\"" + label + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        assertThat(version(parent, "{\"type\":\"merge_labels\",\"map\":" + map + "}")
                        .code())
                .isEqualTo("steps_too_long");
    }

    @Test
    void aLineageHasALimitAndListsOfDatasetsDoNotReadIt() {
        String parent = made(upload(ROWS), "{\"type\":\"strip\"}").get("id").asString();
        JsonNode child = made(parent, "{\"type\":\"strip\"}");
        jdbc.sql("update datasets set lineage = (select jsonb_agg(i) from generate_series(1, 100) as i) where id = ?")
                .param(parent)
                .update(); // not a lineage: reading it would fail

        Answer refused = version(parent, "{\"type\":\"strip\"}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("lineage_too_long");
        assertThat(api.get("/api/v1/datasets/" + parent).status()).isEqualTo(200);
        assertThat(api.get("/api/v1/datasets?limit=100").status()).isEqualTo(200);
        assertThat(api.get("/api/v1/datasets/" + child.get("id").asString() + "/lineage")
                        .json()
                        .get("data"))
                .hasSize(3);
    }

    @Test
    void aDatasetWhoseRowsAnAttemptReplacesIsBusy() {
        String id = upload(ROWS);

        Answer refused = transactions.execute(replacing -> {
            jdbc.sql("select number from dataset_rows where dataset_id = ? for update")
                    .param(id)
                    .query(Long.class)
                    .list();
            return api.delete("/api/v1/datasets/" + id);
        });

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("dataset_busy");
        assertThat(api.delete("/api/v1/datasets/" + id).status()).isEqualTo(204);
    }

    @Test
    void aDatasetOfWhichAVersionIsBeingMadeCannotBeDeletedUntilThatEnds() {
        String parent = upload(ROWS);

        Answer refused = transactions.execute(making -> {
            datasets.keep(parent, "default");
            return api.delete("/api/v1/datasets/" + parent);
        });

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("dataset_busy");
        assertThat(api.delete("/api/v1/datasets/" + parent).status()).isEqualTo(204);
    }

    @Test
    void aDatasetThatIsBeingDeletedIsNotFoundByVersionsAndJobs() {
        String parent = upload(ROWS);
        String job = "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + parent + "\"}";

        List<Answer> refused = transactions.execute(deleting -> {
            jdbc.sql("select id from datasets where id = ? for update")
                    .param(parent)
                    .query(String.class)
                    .single();
            return List.of(version(parent, "{\"type\":\"strip\"}"), api.post("/api/v1/jobs", job));
        });

        assertThat(refused.get(0).code()).isEqualTo("not_found");
        assertThat(refused.get(1).code()).isEqualTo("unknown_dataset");
    }

    @Test
    void aVersionThatCannotBeTrainedOnIsNotMade() {
        String parent = upload(ROWS);

        Answer refused = version(parent, "{\"type\":\"drop_labels\",\"labels\":[\"b\"]}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("single_class");
        assertThat(version(parent, "{\"type\":\"filter\",\"contains\":\"nowhere\"}")
                        .code())
                .isEqualTo("no_rows");
        assertThat(api.get("/api/v1/datasets/" + parent + "/versions").json().get("data"))
                .isEmpty();
    }

    @Test
    void leakageCanBeRemovedFromEvaluationWithOrWithoutNearDuplicates() {
        String parent = upload(ROWS);

        assertThat(rows(made(parent, "{\"type\":\"remove_leakage\",\"from\":\"evaluation\"}")))
                .hasSize(8)
                .noneMatch(row -> row.contains(" test "));
        assertThat(rows(made(parent, "{\"type\":\"remove_leakage\",\"from\":\"evaluation\",\"near\":false}")))
                .hasSize(9);
        JsonNode version = made(parent, "{\"type\":\"remove_leakage\",\"from\":\"evaluation\"}");
        assertThat(version.get("problem_codes").toString()).doesNotContain("leakage");
    }

    @Test
    void nearDuplicatesAreDroppedAndTheFirstRowStays() {
        String text = "A very long and boring film with too many cars";
        String parent = upload("text,label,split\n%s,a,train\n%s!,a,train\nbee,b,train\nother,b,train\nc,a,train\n"
                .formatted(text, text));

        assertThat(rows(made(parent, "{\"type\":\"drop_near_duplicates\"}")))
                .hasSize(4)
                .first()
                .isEqualTo("1 train a " + text);
    }

    @Test
    void labelsAreMergedRenamedAndDropped() {
        String parent = upload(
                "text,label,split\na,Yes,train\naa,Yes,train\nb,yes,train\nbb,yes,train\nc,no,train\nd,no,train\ne,?,train\nf,?,train\n");

        JsonNode version = made(
                parent,
                "{\"type\":\"merge_labels\",\"map\":{\"Yes\":\"yes\",\"no\":\"never\"}},"
                        + "{\"type\":\"drop_labels\",\"labels\":[\"?\"]}");

        assertThat(version.get("labels").toString())
                .isEqualTo("[{\"name\":\"never\",\"count\":2},{\"name\":\"yes\",\"count\":4}]");
        assertThat(change(version, 0)).isEqualTo("merge_labels -0 ~4 +0");
        assertThat(change(version, 1)).isEqualTo("drop_labels -2 ~0 +0");
    }

    @Test
    void rowsAreDroppedAndRelabelledByTheirNumbers() {
        String parent = upload(
                "text,label,split\na,x,train\nb,y,train\nc,x,train\nd,y,train\ne,x,train\nf,y,train\ng,x,train\n");

        JsonNode version = made(
                parent,
                "{\"type\":\"drop_rows\",\"numbers\":[2,3,2]},"
                        + "{\"type\":\"relabel\",\"new_labels\":{\"1\":\"y\",\"7\":\"x\"}}");

        assertThat(change(version, 0)).isEqualTo("drop_rows -2 ~0 +0");
        assertThat(change(version, 1)).isEqualTo("relabel -0 ~1 +0");
        assertThat(version.get("labels").toString())
                .isEqualTo("[{\"name\":\"x\",\"count\":2},{\"name\":\"y\",\"count\":3}]");
    }

    @Test
    void aRowWithSeveralLabelsIsNotRelabelled() {
        String lists = new Uploads(api)
                .good("l.jsonl", "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}\n{\"text\":\"b\",\"labels\":[\"y\"]}\n")
                .get("id")
                .asString();

        Answer refused = version(lists, "{\"type\":\"relabel\",\"new_labels\":{\"1\":\"y\"}}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("not_of_task");
        assertThat(refused.detail()).contains("Remove the step 'relabel'");
    }

    @Test
    void labelsOfListsAndTagsAreMergedAndDroppedInsideTheirRows() {
        String lists = new Uploads(api)
                .good(
                        "l.jsonl",
                        "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}\n{\"text\":\"b\",\"labels\":[\"z\"]}\n"
                                + "{\"text\":\"c\",\"labels\":[\"x\",\"z\"]}\n")
                .get("id")
                .asString();
        String tags = new Uploads(api)
                .good("t.conll", "Ann B-PERSON\nLee I-PERSON\nin O\nRome B-LOC\n\nBob B-PER\n")
                .get("id")
                .asString();

        JsonNode merged = made(
                lists,
                "{\"type\":\"merge_labels\",\"map\":{\"y\":\"x\"}},{\"type\":\"drop_labels\",\"labels\":[\"z\"]}");
        JsonNode tagged = made(
                tags,
                "{\"type\":\"merge_labels\",\"map\":{\"PERSON\":\"PER\"}},{\"type\":\"drop_labels\",\"labels\":[\"LOC\"]}");

        assertThat(new Uploads(api).rows(merged))
                .containsExactly(
                        "{\"text\":\"a\",\"labels\":[\"x\"]}",
                        "{\"text\":\"b\",\"labels\":[]}",
                        "{\"text\":\"c\",\"labels\":[\"x\"]}");
        assertThat(tagged.get("labels").toString())
                .isEqualTo(
                        "[{\"name\":\"B-PER\",\"count\":2},{\"name\":\"I-PER\",\"count\":1},{\"name\":\"O\",\"count\":2}]");
    }

    @Test
    void personalDataIsRedactedAndTextsAreStripped() {
        String parent = upload("text,label,split\n\" write to ann@example.org or +44 20 7946 0958\",a,train\n"
                + "\"\u0007ok\",a,train\nb,b,train\nc,b,train\n");

        JsonNode version = made(parent, "{\"type\":\"strip\"},{\"type\":\"redact\"}");

        assertThat(rows(version)).startsWith("1 train a write to [email] or [phone]", "2 train a ok", "3 train b b");
        assertThat(version.get("problem_codes").toString()).doesNotContain("personal", "control");
        assertThat(rows(made(parent, "{\"type\":\"redact\",\"kinds\":[\"phone\"]}"))
                        .get(0))
                .contains("ann@example.org or [phone]");
    }

    @Test
    void rowsAreFilteredByLabelSplitTextAndLength() {
        String parent = upload(ROWS);

        assertThat(rows(made(parent, "{\"type\":\"filter\",\"splits\":[\"test\",\"validation\"]}")))
                .hasSize(3);
        assertThat(rows(made(parent, "{\"type\":\"filter\",\"contains\":\"FILM\",\"max_characters\":9}")))
                .containsExactly(
                        "1 train a good film",
                        "2 train a good film",
                        "3 train b bad film",
                        "5 test a good film",
                        "10 train b red film");
        assertThat(rows(made(
                        parent,
                        "{\"type\":\"filter\",\"lacks\":\"cars\",\"labels\":[\"a\",\"b\"],\"min_characters\":5}")))
                .hasSize(7);
    }

    @Test
    void splitsAreDrawnAgainAndSamplesKeepTheSharesOfLabels() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 500; i++) {
            csv.append("text ").append(i).append(i % 5 == 0 ? ",few,train\n" : ",many,train\n");
        }
        String parent = upload(csv.toString());

        JsonNode split = made(parent, "{\"type\":\"resplit\",\"validation\":0.1,\"test\":0.2,\"seed\":3}");
        JsonNode sample = made(parent, "{\"type\":\"sample\",\"rows\":50}");
        JsonNode again = made(parent, "{\"type\":\"sample\",\"rows\":50}");
        JsonNode other = made(parent, "{\"type\":\"sample\",\"rows\":50,\"seed\":1}");

        assertThat(split.get("splits").toString()).isEqualTo("{\"train\":350,\"validation\":50,\"test\":100}");
        assertThat(rows(split).stream().filter(row -> row.contains(" test few ")))
                .hasSize(20);
        assertThat(sample.get("labels").toString())
                .isEqualTo("[{\"name\":\"few\",\"count\":10},{\"name\":\"many\",\"count\":40}]");
        assertThat(again.get("sha256")).isEqualTo(sample.get("sha256"));
        assertThat(other.get("sha256")).isNotEqualTo(sample.get("sha256"));
        JsonNode both = made(
                parent,
                "{\"type\":\"resplit\",\"validation\":0.1,\"test\":0.2,\"seed\":3},{\"type\":\"sample\",\"rows\":50,\"seed\":3}");
        assertThat(both.get("splits").toString()).isEqualTo("{\"train\":35,\"validation\":5,\"test\":10}");
        assertThat(made(parent, "{\"type\":\"sample\",\"fraction\":0.5}")
                        .get("row_count")
                        .asInt())
                .isEqualTo(250);
    }

    @Test
    void rowsOfAnotherDatasetAreAppendedIfTheyHaveTheSameForm() {
        String parent = upload(ROWS);
        String more =
                upload("text,label,split\nnew one,a,train\nnew two,b,test\nnew three,a,train\nnew four,b,train\n");
        String lines = new Uploads(api)
                .good("n.txt", "a text\n\nanother\n", "task", "causal-lm")
                .get("id")
                .asString();

        JsonNode version = made(parent, "{\"type\":\"append\",\"dataset\":\"" + more + "\"}");

        assertThat(rows(version)).hasSize(14).contains("11 train a new one", "12 test b new two");
        assertThat(change(version, 0)).isEqualTo("append -0 ~0 +4");
        assertThat(version(parent, "{\"type\":\"append\",\"dataset\":\"" + lines + "\"}")
                        .code())
                .isEqualTo("dataset_does_not_fit");
        Answer misspelt = version(parent, "{\"type\":\"append\",\"dataset\":\"flims.csv\"}");
        assertThat(misspelt.code()).isEqualTo("unknown_dataset");
        assertThat(misspelt.detail()).startsWith("There is no dataset 'flims.csv'. Did you mean '");
    }

    @Test
    void theLineageLeadsFromAVersionToTheFileEvenIfWhatIsBetweenIsDeleted() {
        String upload = upload(ROWS);
        String first = made(upload, "{\"type\":\"strip\"}").get("id").asString();
        JsonNode second = made(first, "{\"type\":\"drop_duplicates\"}");
        api.delete("/api/v1/datasets/" + first);

        JsonNode lineage = api.get("/api/v1/datasets/" + second.get("id").asString() + "/lineage")
                .json()
                .get("data");

        assertThat(lineage.valueStream().map(each -> each.get("id").asString()))
                .containsExactly(second.get("id").asString(), first, upload);
        assertThat(lineage.get(2).get("sha256").asString()).isEqualTo(Sha256.of(ROWS));
        assertThat(lineage.get(0).get("changes")).isEqualTo(second.get("changes"));
        assertThat(second.get("parent").asString()).isEqualTo(first);
        assertThat(second.get("name").asString()).matches("films(-\\d+)?.csv-v\\d+");
        assertThat(api.get("/api/v1/datasets/" + upload + "/versions")
                        .json()
                        .get("data")
                        .valueStream()
                        .map(each -> each.get("id").asString()))
                .containsExactly(second.get("id").asString());
    }

    static Stream<String> longNames() {
        return Stream.of(
                "n".repeat(200),
                "n".repeat(179) + "\uD83D\uDE00" + "n".repeat(19), // a character of two halves where the name is cut
                "n".repeat(193) + "-v99999",
                "n".repeat(190) + "-v99999999",
                "x-v999999",
                "x-v999999999");
    }

    @ParameterizedTest
    @MethodSource("longNames")
    void aVersionHasANameHoweverLongThatOfItsParentIs(String name) {
        String parent =
                new Uploads(api).good("films.csv", ROWS, "name", name).get("id").asString();

        JsonNode first = made(parent, "{\"type\":\"strip\"}");
        JsonNode second = made(parent, "{\"type\":\"strip\"}");
        JsonNode third = made(second.get("id").asString(), "{\"type\":\"strip\"}");

        assertThat(Stream.of(first, second, third)
                        .map(version -> version.get("name").asString()))
                .doesNotHaveDuplicates()
                .allMatch(each -> each.length() <= 200 && each.matches("(?s).*-v\\d+"));
    }

    @Test
    void theHashOfAVersionIsThatOfItsExport() {
        JsonNode version = made(upload(ROWS), "{\"type\":\"drop_duplicates\"}");
        Answer export = api.get("/api/v1/datasets/" + version.get("id").asString() + "/export");

        assertThat(Sha256.of(new String(export.bytes(), UTF_8)))
                .isEqualTo(version.get("sha256").asString());
        assertThat(export.bytes().length).isEqualTo(version.get("size_bytes").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            text-classification ~ x.csv ~ text,text_pair,label,split;"a ""b"", c",d,x,train;"e,f",g,x,test;h,i,y,validation;j,k,y,train;l,m,x,train
            text-classification ~ x.csv ~ text,labels,split;a,x|y,train;b,,train;c,y,test;d,x,train
            text-classification ~ x.csv ~ text,label,split;a,1,train;b,5,train;c,3,train;d,1,test;e,3,train;f,5,train
            text-classification ~ x.csv ~ text,labels,split;a,1|2,train;b,0,train;c,2,test
            text-classification ~ x.jsonl ~ {"text":"a","labels":["x|y","z"],"split":"train"};{"text":"b","labels":["[u]"],"split":"train"};{"text":"c","labels":[],"split":"train"}
            text-regression ~ x.csv ~ text,score,split;a,1.50,train;b,-0.25,test;c,1e-7,train
            causal-lm ~ x.csv ~ prompt,completion,split;a,b,train;c,d,test
            text-classification ~ x.jsonl ~ {"text":"a\\nb","label":"ü","split":"train"};{"text":"c","label":"ü","split":"train"};{"text":"d","label":"e","split":"train"};{"text":"f","label":"e","split":"test"}
            """)
    void anExportCanBeUploadedAgain(String task, String name, String file) {
        JsonNode dataset = new Uploads(api).good(name, file.replace(';', '\n') + "\n", "task", task);
        String path = "/api/v1/datasets/" + dataset.get("id").asString();

        for (String format : List.of("csv", "jsonl", "parquet")) {
            Answer export = api.get(path + "/export?format=" + format);
            JsonNode again = api.upload("again." + format, export.bytes(), Map.of("task", task))
                    .json();

            assertThat(new Uploads(api).rows(again)).isEqualTo(new Uploads(api).rows(dataset));
            assertThat(new Uploads(api).splits(again)).isEqualTo(new Uploads(api).splits(dataset));
        }
    }

    @Test
    void theExportsOfAProjectAreLimited() throws IOException {
        String path = "/api/v1/datasets/" + upload(ROWS) + "/export";
        List<StreamingResponseBody> others = Stream.generate(() -> downloads.count("default", out -> {}))
                .limit(16)
                .toList();

        Answer refused = api.get(path);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too_many_downloads");
        for (StreamingResponseBody other : others) {
            other.writeTo(OutputStream.nullOutputStream());
        }
        assertThat(api.get(path).status()).isEqualTo(200);
    }

    @Test
    void rowsWithListsAreExportedAsJsonLinesOrParquet() {
        String conll = "Ann B-PER\nin O\n\nBob B-PER\n";
        String chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
                + "{\"role\":\"assistant\",\"content\":\"ho\",\"weight\":1}]}\n";
        for (JsonNode dataset :
                List.of(new Uploads(api).good("t.conll", conll), new Uploads(api).good("c.jsonl", chat))) {
            String path = "/api/v1/datasets/" + dataset.get("id").asString() + "/export";

            assertThat(api.get(path + "?format=csv").code()).isEqualTo("unsupported_format");
            for (String format : List.of("jsonl", "parquet")) {
                byte[] export = api.get(path + "?format=" + format).bytes();
                JsonNode again = new Uploads(api).good("again." + format, export);
                assertThat(new Uploads(api).rows(again)).isEqualTo(new Uploads(api).rows(dataset));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                | required           | steps[0].type
            {"type":"drop_duplicate"}                         | unknown_type       | Did you mean 'drop_duplicates'?
            {"type":"strip","x":1}                            | unknown_field      | steps[0].x
            {"type":"merge_labels"}                           | missing_option     | steps[0].map
            {"type":"drop_labels","labels":[]}                | invalid_type       | steps[0].labels
            {"type":"drop_labels","labels":["\\u0000"]}        | invalid_type       | steps[0].labels
            {"type":"drop_rows"}                              | missing_option     | steps[0].numbers
            {"type":"drop_rows","numbers":[1,"2"]}            | invalid_type       | steps[0].numbers
            {"type":"drop_rows","numbers":[0]}                | invalid_type       | count from 1
            {"type":"drop_rows","numbers":[1,98,99]}          | unknown_row        | number 98, nor 1 others
            {"type":"relabel"}                                | missing_option     | steps[0].new_labels
            {"type":"relabel","new_labels":{"x":"a"}}         | unknown_row        | 'x' is none
            {"type":"relabel","new_labels":{"1":"c"}}         | unknown_label      | labels: c. They have: a, b
            {"type":"relabel","new_labels":{"99":"a"}}        | unknown_row        | number 99
            {"type":"redact","kinds":["name"]}                | unknown_kind       | email, phone, card, iban
            {"type":"filter"}                                 | missing_option     | at least one condition
            {"type":"filter","splits":["dev"]}                | unknown_split      | train, validation and test
            {"type":"resplit","validation":0.6,"test":0.6}    | conflicting_options | more than 1
            {"type":"sample"}                                 | conflicting_options | either 'rows' or 'fraction'
            {"type":"sample","rows":1,"fraction":0.5}         | conflicting_options | either 'rows' or 'fraction'
            {"type":"drop_near_duplicates","similarity":0.1}  | out_of_range       | from 0.5 to 1
            {"type":"remove_leakage","from":"test"}           | unknown_from       | train, evaluation
            {"type":"append"}                                 | missing_option     | steps[0].dataset
            {"type":"merge_labels","map":{"a":"c","A":"a"}}   | unknown_label      | labels: A. They have: a, b
            {"type":"drop_labels","labels":["b","B","?"]}     | unknown_label      | labels: ?, B. They have: a, b
            {"type":"filter","labels":["c"]}                  | unknown_label      | labels: c. They have: a, b
            3                                                 | invalid_type       | steps[0]
            """)
    void aWrongStepIsNamed(String step, String code, String detail) {
        Answer refused = version(upload(ROWS), step);

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).as("%s", refused.json()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void aStepKnowsTheLabelsThatTheStepsBeforeItLeave() {
        String parent = upload("text,label,split\na,x,train\nb,x,train\nc,y,train\nd,y,train\ne,z,train\nf,z,train\n");
        String other = upload("text,label,split\ng,w,train\nh,w,train\ni,x,train\nj,x,train\n");
        String rename = "{\"type\":\"merge_labels\",\"map\":{\"z\":\"new\"}},";
        String append = "{\"type\":\"append\",\"dataset\":\"" + other + "\"},";

        made(parent, rename + append + "{\"type\":\"drop_labels\",\"labels\":[\"new\",\"w\"]}");

        Answer refused = version(parent, rename + "{\"type\":\"drop_labels\",\"labels\":[\"z\"]}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.detail()).contains("labels: z. They have: new, x, y");
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo("steps[1].labels");
        String texts = new Uploads(api)
                .good("p.csv", "prompt,completion\na,b\nc,d\n")
                .get("id")
                .asString();
        assertThat(version(texts, "{\"type\":\"drop_labels\",\"labels\":[\"a\"]}")
                        .detail())
                .contains("The rows have no labels. Remove 'labels'.");
    }

    @Test
    void stepsAreRequiredAndTheDatasetMustBeReady() {
        String rejected = api.upload("x.csv", "text,label\n,a\n").text("dataset");

        assertThat(version(rejected, "{\"type\":\"strip\"}").code()).isEqualTo("dataset_not_ready");
        assertThat(api.post("/api/v1/datasets/" + upload(ROWS) + "/versions", "{\"steps\":[]}")
                        .code())
                .isEqualTo("required");
        assertThat(api.post("/api/v1/datasets/" + upload(ROWS) + "/versions", "{}")
                        .code())
                .isEqualTo("required");
    }
}
