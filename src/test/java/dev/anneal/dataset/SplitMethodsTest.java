package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Splits by groups, times, contents and in folds, at an upload and in a version. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class SplitMethodsTest {
    private static final String GROUP = "{\"group\":\"user\"}";

    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    /** Returns 60 rows of 20 users, one a day. */
    private static String csv() {
        StringBuilder csv = new StringBuilder("text,label,user,day\n");
        for (int i = 0; i < 60; i++) {
            csv.append("text %d,%s,u%d,2024-%02d-%02d\n"
                    .formatted(i, i % 2 == 0 ? "a" : "b", i * 7 % 20, 12 - i / 28, 1 + i % 28));
        }
        return csv.toString();
    }

    private List<JsonNode> rows(JsonNode dataset) {
        return api.get("/api/v1/datasets/" + dataset.get("id").asString() + "/rows?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .toList();
    }

    private JsonNode version(JsonNode parent, String step) {
        Answer made =
                api.post("/api/v1/datasets/" + parent.get("id").asString() + "/versions", "{\"steps\":[" + step + "]}");
        assertThat(made.status()).as("%s", made.json()).isEqualTo(201);
        return made.json();
    }

    private static void assertThatGroupsAreWhole(List<JsonNode> rows) {
        Map<String, String> sides = new HashMap<>();
        for (JsonNode row : rows) {
            String split = row.get("split").asString();
            assertThat(sides.getOrDefault(row.get("group").asString(), split)).isEqualTo(split);
            sides.put(row.get("group").asString(), split);
        }
        assertThat(sides).hasSize(20);
    }

    @Test
    void aGroupColumnKeepsItsRowsTogetherAndIsKeptForLater() {
        JsonNode dataset = uploads.good("g.csv", csv(), "columns", GROUP);

        assertThat(dataset.get("columns").get("group").asString()).isEqualTo("user");
        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":48,\"validation\":6,\"test\":6}");
        assertThatGroupsAreWhole(rows(dataset));

        JsonNode again =
                version(dataset, "{\"type\":\"resplit\",\"method\":\"group\",\"validation\":0.2,\"test\":0.3}");
        assertThat(again.get("splits").toString()).isEqualTo("{\"train\":30,\"validation\":12,\"test\":18}");
        assertThatGroupsAreWhole(rows(again));
    }

    @Test
    void theLatestRowsAreForTestAtAnUploadAndInAVersion() {
        JsonNode dataset = uploads.good("t.csv", csv(), "columns", "{\"time\":\"day\"}");

        assertThat(rows(dataset).get(0).get("time").asString()).isEqualTo("2024-12-01T00:00:00Z");
        assertThat(rows(dataset).stream()
                        .filter(row -> row.get("split").asString().equals("test"))
                        .map(row -> row.get("time").asString().substring(0, 10)))
                .containsExactly("2024-12-23", "2024-12-24", "2024-12-25", "2024-12-26", "2024-12-27", "2024-12-28");
        JsonNode stratified = version(dataset, "{\"type\":\"resplit\",\"method\":\"stratified\"}");
        assertThat(rows(version(stratified, "{\"type\":\"resplit\",\"method\":\"time\"}")))
                .isEqualTo(rows(dataset));
    }

    @Test
    void timesThatCannotBeReadAndMissingOnesAreProblemsOfTheirRows() {
        Answer refused = uploads.send(
                "t.csv",
                "text,label,day\na,x,2024-01-01\nb,x,01/02/2024\nc,y,\nd,y,2024-02-30\n",
                "columns",
                "{\"time\":\"day\"}");

        assertThat(Uploads.errors(refused)).containsExactly("3 invalid_time", "4 empty_time", "5 invalid_time");
        assertThat(Uploads.errors(
                        uploads.send("g.csv", "text,label,user\na,x,1\nb,x,\nc,y,2\nd,y,2\n", "columns", GROUP)))
                .containsExactly("3 empty_group");
    }

    @Test
    void aRowKeepsItsSideByContentInALaterUpload() {
        String split = "{\"method\":\"content_hash\",\"validation\":0.2,\"test\":0.3}";
        JsonNode first = uploads.good("c.csv", csv(), "split", split);
        JsonNode second = uploads.good("c.csv", csv() + "new,a,u1,2024-01-01\nnewer,b,u1,2024-01-01\n", "split", split);
        JsonNode version = version(
                uploads.good("c.csv", csv()),
                "{\"type\":\"resplit\",\"method\":\"content_hash\",\"validation\":0.2,\"test\":0.3}");

        assertThat(rows(second).subList(0, 60)).isEqualTo(rows(first));
        assertThat(rows(version)).isEqualTo(rows(first));
        assertThat(uploads.splits(first)).contains("train", "validation", "test");
    }

    @Test
    void fiveVersionsAreTheFoldsOfADataset() {
        JsonNode dataset = uploads.good("k.csv", csv(), "columns", GROUP);
        Map<Long, Integer> tested = new HashMap<>();
        for (int fold = 1; fold <= 5; fold++) {
            JsonNode version =
                    version(dataset, "{\"type\":\"resplit\",\"method\":\"k_fold\",\"folds\":5,\"fold\":" + fold + "}");
            assertThat(version.get("splits").toString()).isEqualTo("{\"train\":48,\"validation\":0,\"test\":12}");
            assertThatGroupsAreWhole(rows(version));
            rows(version).stream()
                    .filter(row -> row.get("split").asString().equals("test"))
                    .forEach(row -> tested.merge(row.get("number").asLong(), 1, Integer::sum));
        }
        assertThat(tested)
                .hasSize(60)
                .allSatisfy((row, times) -> assertThat(times).isOne());
    }

    @Test
    void anExportedFileHasTheGroupsAndTimes() {
        JsonNode dataset = uploads.good("e.csv", csv(), "columns", "{\"group\":\"user\",\"time\":\"day\"}");
        String path = "/api/v1/datasets/" + dataset.get("id").asString() + "/export?format=";
        for (String format : List.of("jsonl", "csv", "parquet")) {
            JsonNode again = uploads.good(
                    "again." + format,
                    api.get(path + format).bytes(),
                    "columns",
                    "{\"group\":\"group\",\"time\":\"time\"}");
            assertThat(rows(again)).isEqualTo(rows(dataset));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"method":"groups"}                           | unknown_method      | Did you mean 'group'?
            {"method":"group"}                            | missing_column      | needs a column with the role 'group'
            {"method":"time"}                             | missing_column      | needs a column with the role 'time'
            {"method":"k_fold","folds":5}                 | missing_option      | 'split.fold' is required
            {"method":"k_fold","folds":5,"fold":6}        | conflicting_options | from 1 to 5
            {"method":"k_fold","folds":1,"fold":1}        | out_of_range        | from 2 to 50
            {"method":"k_fold","folds":2,"fold":1,"test":0.1} | conflicting_options | the fold is for test
            {"folds":2}                                   | conflicting_options | only for the method k_fold
            {"method":"time","order":"file"}              | conflicting_options | together with 'method'
            """)
    void aWrongSplitIsNamed(String split, String code, String detail) {
        Answer refused = uploads.send("w.csv", csv(), "split", split);

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).as("%s", refused.json()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void aWrongMethodOfAStepIsNamed() {
        String path =
                "/api/v1/datasets/" + uploads.good("w.csv", csv()).get("id").asString() + "/versions";

        Answer refused =
                api.post(path, "{\"steps\":[{\"type\":\"strip\"},{\"type\":\"resplit\",\"method\":\"time\"}]}");

        assertThat(refused.code()).isEqualTo("missing_column");
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo("steps[1].method");
        assertThat(api.post(
                                path,
                                "{\"steps\":[{\"type\":\"resplit\",\"method\":\"k_fold\",\"folds\":50,\"fold\":50},"
                                        + "{\"type\":\"resplit\",\"validation\":0.7,\"test\":0.6}]}")
                        .code())
                .isEqualTo("conflicting_options");
    }
}
