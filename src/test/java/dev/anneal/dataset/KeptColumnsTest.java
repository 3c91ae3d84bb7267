package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Columns that an upload keeps with the rows: in a version, in an export, and what is refused. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class KeptColumnsTest {
    private static final String KEPT = "{\"label\":\"label\",\"kept\":[\"city, country\",\"device\"]}";
    private static final String CSV = "text,label,\"city, country\",device\n"
            + "one,a,\"Bonn, DE\",phone\ntwo,b, Paris ,\nthree,a,,7\nfour,b,\"say \"\"no\"\"\",phone\n";

    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    private List<JsonNode> rows(JsonNode dataset) {
        return api.get("/api/v1/datasets/" + dataset.get("id").asString() + "/rows")
                .json()
                .get("data")
                .valueStream()
                .toList();
    }

    private Answer version(JsonNode parent, String step) {
        return api.post("/api/v1/datasets/" + parent.get("id").asString() + "/versions", "{\"steps\":[" + step + "]}");
    }

    @Test
    void theColumnsStayWithTheRowsInAVersionAndInEachExport() {
        JsonNode dataset = uploads.good("kept.csv", CSV, "columns", KEPT);

        assertThat(dataset.get("columns").get("kept").asString()).isEqualTo("city, country, device");
        assertThat(rows(dataset).stream().map(row -> row.get("kept").toString()))
                .containsExactly(
                        "{\"device\":\"phone\",\"city, country\":\"Bonn, DE\"}",
                        "{\"device\":null,\"city, country\":\"Paris\"}",
                        "{\"device\":\"7\",\"city, country\":null}",
                        "{\"device\":\"phone\",\"city, country\":\"say \\\"no\\\"\"}");
        JsonNode version =
                version(dataset, "{\"type\":\"strip\"},{\"type\":\"redact\"}").json();
        assertThat(rows(version).stream().map(row -> row.get("kept")))
                .containsExactlyElementsOf(
                        rows(dataset).stream().map(row -> row.get("kept")).toList());
        String path = "/api/v1/datasets/" + dataset.get("id").asString() + "/export?format=";
        for (String format : List.of("jsonl", "csv", "parquet")) {
            JsonNode again =
                    uploads.good("again." + format, api.get(path + format).bytes(), "columns", KEPT);
            assertThat(rows(again)).as(format).isEqualTo(rows(dataset));
        }
    }

    @Test
    void rowsWithOtherColumnsAreNotAppended() {
        JsonNode dataset = uploads.good("one.csv", CSV, "columns", KEPT);
        JsonNode other = uploads.good("other.csv", CSV, "columns", "{\"kept\":\"device\"}");
        Answer refused = version(
                dataset, "{\"type\":\"append\",\"dataset\":\"" + other.get("id").asString() + "\"}");

        assertThat(refused.code()).isEqualTo("dataset_does_not_fit");
        assertThat(refused.detail()).contains("have kept (device), label", "have kept (city, country, device), label");
    }

    @Test
    void aValueThatIsNoShortTextIsAProblemOfItsColumn() {
        Answer refused = uploads.send(
                "bad.jsonl",
                "{\"text\":\"a\",\"label\":\"x\",\"city\":[1],\"device\":true}\n"
                        + "{\"text\":\"b\",\"label\":\"y\",\"city\":\"" + "z".repeat(1001) + "\",\"device\":null}\n",
                "columns",
                "{\"kept\":[\"city\",\"device\"]}");

        assertThat(Uploads.errors(refused)).containsExactly("1 invalid_type", "2 kept_too_long");
        assertThat(refused.json().path("errors").get(0).path("column").asString())
                .isEqualTo("city");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"kept":["town"]}              | missing_column  | 'town' for the role 'kept'
            {"kept":"group"}               | invalid_value   | Give it the role 'group'
            {"kept":["device","words"]}    | invalid_value   | 'words', which is the name of a field of all rows
            {"kept":"label"}               | invalid_value   | Rename the column in the file
            {"kept":["device"],"group":"device"} | invalid_value | gives one column two roles
            """)
    void aColumnThatCannotBeKeptIsRefusedByName(String columns, String code, String detail) {
        Answer refused = uploads.send("refused.csv", CSV, "columns", columns);

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void atMostTenColumnsAreKept() {
        String names = String.join(
                "\",\"", IntStream.range(0, 11).mapToObj(i -> "c" + i).toList());
        Answer refused = uploads.send("many.csv", CSV, "columns", "{\"kept\":[\"" + names + "\"]}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.detail()).contains("kept", "10");
    }
}
