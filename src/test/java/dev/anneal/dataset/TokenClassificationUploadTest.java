package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Sentences whose tokens have tags. */
@ServerTest
class TokenClassificationUploadTest {
    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void listsOfTokensAndTagsAreSentences() {
        JsonNode dataset = uploads.good(
                "t.jsonl",
                "{\"id\":1,\"words\":[\"EU\",\"says\"],\"ner_tags\":[\"B-ORG\",\"O\"]}\n"
                        + "{\"id\":2,\"words\":[\"New\",\"York\",\"EU\"],\"ner_tags\":[\"B-LOC\",\"E-LOC\",\"S-ORG\"]}\n");

        assertThat(dataset.get("task").asString()).isEqualTo("token-classification");
        assertThat(dataset.get("columns").toString()).isEqualTo("{\"tags\":\"ner_tags\",\"tokens\":\"words\"}");
        assertThat(uploads.rows(dataset))
                .containsExactly(
                        "{\"tags\":[\"B-ORG\",\"O\"],\"tokens\":[\"EU\",\"says\"]}",
                        "{\"tags\":[\"B-LOC\",\"I-LOC\",\"B-ORG\"],\"tokens\":[\"New\",\"York\",\"EU\"]}");
        assertThat(dataset.get("labels").toString())
                .isEqualTo("[{\"name\":\"B-LOC\",\"count\":1},{\"name\":\"B-ORG\",\"count\":2},"
                        + "{\"name\":\"I-LOC\",\"count\":1},{\"name\":\"O\",\"count\":1}]");
        assertThat(uploads.statistics(dataset).get("text_length").get("max").asInt())
                .isEqualTo(11);
    }

    @Test
    void conllFilesAreAcceptedWithAnyNameAndColumns() {
        String file =
                "-DOCSTART- -X- -X- O\n\n# id 7\nEU NNP B-NP B-ORG\nsays VBZ B-VP O\n\n\n# O O O\nX X X I-PER\n \n";
        JsonNode conll = uploads.good("a.conll", "\ufeff" + file);
        JsonNode text = uploads.good("a.txt", file.replace("\n", "\r\n").replace(' ', '\t'));
        JsonNode unnamed = uploads.good("annotated", file.stripTrailing(), "task", "token-classification");

        assertThat(uploads.rows(conll))
                .containsExactly(
                        "{\"tags\":[\"B-ORG\",\"O\"],\"tokens\":[\"EU\",\"says\"]}",
                        "{\"tags\":[\"O\",\"I-PER\"],\"tokens\":[\"#\",\"X\"]}");
        assertThat(conll.get("format").asString()).isEqualTo("conll");
        assertThat(uploads.rows(text)).isEqualTo(uploads.rows(conll));
        assertThat(uploads.rows(unnamed)).isEqualTo(uploads.rows(conll));
    }

    @ParameterizedTest
    @CsvSource({
        "wnut17train.conll, 3394, 62730, 660",
        "emerging.dev.conll, 1009, 15733, 470",
        "emerging.test.annotated, 1287, 23394, 429"
    })
    void theFilesOfWnut17AreAcceptedAsTheyAre(String name, int sentences, int tokens, int persons) throws IOException {
        JsonNode dataset = uploads.good(name, Uploads.shared("wnut17/" + name));

        assertThat(dataset.get("task").asString()).isEqualTo("token-classification");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(sentences);
        assertThat(dataset.get("labels")
                        .valueStream()
                        .mapToInt(l -> l.get("count").asInt())
                        .sum())
                .isEqualTo(tokens);
        assertThat(dataset.get("labels").toString()).contains("{\"name\":\"B-person\",\"count\":" + persons + "}");
    }

    @Test
    void badSentencesAreRefusedByLine() {
        Answer refused = uploads.send(
                "bad.jsonl",
                "{\"tokens\":[\"a\"],\"tags\":[\"O\"]}\n{\"tokens\":[\"a\",\"b\"],\"tags\":[\"O\"]}\n"
                        + "{\"tokens\":[],\"tags\":[]}\n{\"tokens\":[\"a\"],\"tags\":[3]}\n"
                        + "{\"tokens\":[\"a\"],\"tags\":[\"NN\"]}\n{\"tokens\":[\" \"],\"tags\":[\"O\"]}\n"
                        + "{\"tokens\":\"a b\",\"tags\":[\"O\",\"O\"]}\n{\"tokens\":[\"\\ud800\"],\"tags\":[\"O\"]}\n"
                        + "{\"tags\":[\"B-\"]}\n");

        assertThat(Uploads.errors(refused))
                .containsExactly(
                        "2 length_mismatch",
                        "3 empty_tokens",
                        "3 empty_tags",
                        "4 invalid_type",
                        "5 unknown_tag",
                        "6 empty_token",
                        "7 invalid_type",
                        "8 invalid_unicode",
                        "9 empty_tokens",
                        "9 unknown_tag");
    }

    @Test
    void aBadLineOfAConllFileIsReportedByNumber() {
        Answer refused = uploads.send("bad.conll", "a\tO\nb\tB-x\n\nc\tO\nd\tperson\n\nlonely\n\ne\tO\nn\0\tO\n");

        assertThat(Uploads.errors(refused)).containsExactly("5 unknown_tag", "7 wrong_field_count", "9 null_byte");
        assertThat(refused.json().get("errors").get(0).get("message").asString())
                .contains("'person' is not a tag");
    }

    @Test
    void anEndlessSentenceIsRefusedAndNotHeldInMemory() {
        Answer refused = uploads.send("long.conll", "a\tO\nb\tB-x\n\n" + "word\tO\n".repeat(1_000_000) + "\nc\tO\n");

        assertThat(Uploads.errors(refused)).containsExactly("4 too_many_tokens");
        assertThat(refused.detail()).contains("1,000,000");
    }

    @Test
    void aLineOfAMillionFieldsIsATokenAndATag() {
        JsonNode dataset = uploads.good("wide.bio", "a " + "_ ".repeat(1_000_000) + "B-x\nb   O\n");

        assertThat(uploads.rows(dataset)).containsExactly("{\"tags\":[\"B-x\",\"O\"],\"tokens\":[\"a\",\"b\"]}");
    }

    @Test
    void aRowOfAMillionListItemsIsRefused() {
        Answer refused = uploads.send(
                "wide.jsonl",
                "{\"tokens\":[\"a\"],\"tags\":[\"B-x\"]}\n{\"tokens\":[" + "\"a\",".repeat(1_000_000) + "\"a\"]}\n"
                        + "{\"tokens\":[" + "\"a\",".repeat(10_000) + "\"a\"],\"tags\":[\"O\"]}\n");

        assertThat(Uploads.errors(refused)).containsExactly("2 malformed_json", "3 too_many_tokens");
    }

    @Test
    void tagsWithoutAnEntityAreRefused() {
        assertThat(uploads.send("o.conll", "a\tO\nb\tO\n").code()).isEqualTo("single_class");
    }

    @Test
    void anEntityTypeThatOccursOnlyInTestRowsIsRefused() {
        Answer refused = uploads.send(
                "s.jsonl",
                "{\"tokens\":[\"a\"],\"tags\":[\"B-x\"],\"split\":\"train\"}\n"
                        + "{\"tokens\":[\"a\",\"b\"],\"tags\":[\"B-x\",\"I-y\"],\"split\":\"test\"}\n");

        assertThat(refused.code()).isEqualTo("label_not_in_train");
        assertThat(refused.detail()).contains("The label 'y' does not occur in the training rows.");
    }

    @Test
    void csvCannotContainLists() {
        Answer refused = uploads.send("t.csv", "tokens,tags\na b,O O\n", "task", "token-classification");

        assertThat(refused.code()).isEqualTo("unsupported_format");
        assertThat(refused.detail()).contains("CSV").contains("JSONL or CoNLL");
    }
}
