package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Rows with any number of labels. */
@ServerTest
class MultiLabelUploadTest {
    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void aListOfLabelsMakesRowsMultiLabel() {
        JsonNode dataset = uploads.good(
                "m.jsonl",
                "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}\n{\"text\":\"b\",\"labels\":[]}\n"
                        + "{\"text\":\"c\",\"labels\":[\"y\"]}\n");

        assertThat(dataset.get("task").asString()).isEqualTo("text-classification");
        assertThat(dataset.get("columns").toString()).isEqualTo("{\"text\":\"text\",\"labels\":\"labels\"}");
        assertThat(dataset.get("labels").toString())
                .isEqualTo("[{\"name\":\"x\",\"count\":1},{\"name\":\"y\",\"count\":2}]");
        assertThat(uploads.rows(dataset))
                .containsExactly(
                        "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}",
                        "{\"text\":\"b\",\"labels\":[]}",
                        "{\"text\":\"c\",\"labels\":[\"y\"]}");
        assertThat(uploads.statistics(dataset).get("labels").get(1).toString())
                .isEqualTo("{\"name\":\"y\",\"train\":2,\"validation\":0,\"test\":0}");
    }

    @Test
    void inCsvAVerticalBarSeparatesLabels() {
        JsonNode named = uploads.good("m.csv", "text,labels\na,x| y\nb,\nc,y\n");
        JsonNode mapped = uploads.good("m.tsv", "text\ttopics\na\tx|y\n", "columns", "{\"labels\":\"topics\"}");

        assertThat(uploads.rows(named))
                .containsExactly(
                        "{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}",
                        "{\"text\":\"b\",\"labels\":[]}",
                        "{\"text\":\"c\",\"labels\":[\"y\"]}");
        assertThat(uploads.rows(mapped)).containsExactly("{\"text\":\"a\",\"labels\":[\"x\",\"y\"]}");
    }

    @Test
    void aSingleValueUnderLabelsIsOneLabel() {
        JsonNode json = uploads.good(
                "s.jsonl",
                "{\"text\":\"a\",\"labels\":1}\n{\"text\":\"b\",\"labels\":1}\n"
                        + "{\"text\":\"c\",\"labels\":0}\n{\"text\":\"d\",\"labels\":0}\n");
        JsonNode csv =
                uploads.good("s.csv", "text,labels\na,x|y\nb,x|y\nc,z\nd,z\n", "columns", "{\"label\":\"labels\"}");

        assertThat(json.get("columns").toString()).isEqualTo("{\"text\":\"text\",\"label\":\"labels\"}");
        assertThat(csv.get("labels").get(0).get("name").asString()).isEqualTo("x|y");
    }

    @Test
    void eachLabelHasATrainingRowHoweverRareItIs() {
        StringBuilder csv = new StringBuilder("text,labels\n");
        for (int i = 0; i < 100; i++) {
            csv.append("text ").append(i).append(",common|rare ").append(i / 2).append('\n');
        }
        JsonNode dataset = uploads.good("r.csv", csv.toString(), "split", "{\"validation\":0.2,\"test\":0.2}");

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":60,\"validation\":20,\"test\":20}");
        assertThat(uploads.statistics(dataset).get("labels")).hasSize(51).allSatisfy(label -> {
            boolean common = label.get("name").asString().equals("common");
            assertThat(label.get("train").asInt()).isBetween(common ? 60 : 1, common ? 60 : 2);
        });
    }

    @Test
    void badLabelsAreRefusedByLine() {
        Answer refused = uploads.send(
                "bad.jsonl",
                "{\"text\":\"a\",\"labels\":[\"x\"]}\n{\"text\":\"b\",\"labels\":[\"x\",\" x\"]}\n{\"text\":\"c\"}\n"
                        + "{\"text\":\"d\",\"labels\":\"x\"}\n{\"text\":\"e\",\"labels\":[1]}\n"
                        + "{\"text\":\"f\",\"labels\":[\"\"]}\n{\"text\":\"g\",\"labels\":[\"n\\u0000\"]}\n"
                        + "{\"text\":\"h\",\"labels\":[\"" + "l".repeat(201) + "\"]}\n");

        assertThat(Uploads.errors(refused))
                .containsExactly(
                        "2 duplicate_label",
                        "3 empty_labels",
                        "4 invalid_type",
                        "5 invalid_type",
                        "6 empty_label",
                        "7 null_byte",
                        "8 label_too_long");
        assertThat(Uploads.errors(uploads.send("bad.csv", "text,labels\na,x||y\n")))
                .containsExactly("2 empty_label");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    no_labels          | {"text":"a","labels":[]}                                        | nothing
                    label_not_in_train | {"text":"a","labels":["x"],"split":"train"};{"text":"b","labels":["y"],"split":"test"} | The label 'y' does not occur in the training rows
                    """)
    void rowsFromWhichNothingCanBeLearnedAreRefused(String code, String file, String detail) {
        Answer refused = uploads.send("m.jsonl", file.replace(';', '\n'));

        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }
}
