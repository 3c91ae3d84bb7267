package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Rows for language models: texts, prompts with completions, conversations, plain text. */
@ServerTest
class LanguageModelUploadTest {
    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void messagesMakeRowsForCausalLm() throws IOException {
        String chats = Uploads.shared("instruct/chat.jsonl");
        JsonNode dataset = uploads.good("chat.jsonl", chats);

        assertThat(dataset.get("task").asString()).isEqualTo("causal-lm");
        assertThat(dataset.get("columns").toString()).isEqualTo("{\"messages\":\"messages\"}");
        assertThat(dataset.get("row_count").asInt()).isEqualTo(1100);
        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":880,\"validation\":110,\"test\":110}");
        assertThat(dataset.get("labels")).isEmpty();
        assertThat(uploads.rows(dataset).get(1))
                .isEqualTo("{\"messages\":[{\"role\":\"user\",\"content\":\"Edit the following sentence for grammar."
                        + "\\n\\nHe go to the park every day.\"},{\"role\":\"assistant\",\"content\":\"He goes to the park"
                        + " every day.\"}]}");
        int shortest = chats.lines()
                .mapToInt(line -> Json.MAPPER
                        .readTree(line)
                        .get("messages")
                        .valueStream()
                        .mapToInt(message -> message.get("content").asString().length())
                        .sum())
                .min()
                .orElseThrow();
        assertThat(uploads.statistics(dataset).get("text_length").get("min").asInt())
                .isEqualTo(shortest);
    }

    @Test
    void systemAndToolMessagesAreAcceptedInTheirOrder() {
        String row = "{\"messages\":[{\"role\":\"system\",\"content\":\"\"},{\"role\":\"user\",\"content\":\"a\"},"
                + "{\"role\":\"assistant\",\"content\":\"b\"},{\"role\":\"tool\",\"content\":\"\"},"
                + "{\"role\":\"tool\",\"content\":\"c\"},{\"role\":\"assistant\",\"content\":\"d\"},"
                + "{\"role\":\"user\",\"content\":\"e\"}]}";

        JsonNode dataset = uploads.good("c.jsonl", row.replace("\"d\"}", "\"d\",\"name\":\"n\"}") + "\n");

        assertThat(uploads.rows(dataset))
                .containsExactly(row.replace(
                        "{\"role\":\"assistant\",\"content\":\"d\"}",
                        "{\"name\":\"n\",\"role\":\"assistant\",\"content\":\"d\"}"));
    }

    @Test
    void aMessageKeepsItsNameAndItsWeightAndKeysWithoutAValueAreIgnored() {
        JsonNode dataset = uploads.good(
                "c.jsonl",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"name\":\"kim\"},"
                        + "{\"role\":\"assistant\",\"content\":\"b\",\"weight\":0.0,\"tool_calls\":null,\"refusal\":null},"
                        + "{\"role\":\"user\",\"content\":\"c\",\"annotations\":[]},"
                        + "{\"role\":\"assistant\",\"content\":\"d\",\"weight\":1}],\"tools\":[]}\n");

        assertThat(uploads.rows(dataset))
                .containsExactly("{\"messages\":[{\"name\":\"kim\",\"role\":\"user\",\"content\":\"a\"},"
                        + "{\"role\":\"assistant\",\"weight\":0,\"content\":\"b\"},{\"role\":\"user\",\"content\":\"c\"},"
                        + "{\"role\":\"assistant\",\"weight\":1,\"content\":\"d\"}]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    invalid_weight         | 'weight'|{"messages":[{"role":"user","content":"a","weight":0},{"role":"assistant","content":"b"}]}
                    invalid_weight         | 0.5     |{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":0.5}]}
                    invalid_weight         | "0"     |{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":"0"}]}
                    nothing_to_learn       | weight 0|{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":0}]}
                    unknown_key            | 'audio' |{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","audio":{"id":1}}]}
                    unknown_key            | 'wieght'|{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","wieght":0}]}
                    invalid_message        | 'name'  |{"messages":[{"role":"user","content":"a","name":7},{"role":"assistant","content":"b"}]}
                    unsupported_tool_calls | 'function_call'|{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"function_call":{"name":"f"}}]}
                    unsupported_key        | 'tools' |{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"tools":[{"type":"function"}]}
                    unsupported_key        | 'weight'|{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"weight":0}
                    unsupported_key        | 'system'|{"prompt":"a","completion":"b","system":"Be brief."}
                    unsupported_key        | 'history'|{"prompt":"a","completion":"b","history":[["c","d"]]}
                    unsupported_key        | 'weight'|{"prompt":"a","completion":"b","weight":0}
                    """)
    void aKeyThatMeansSomethingElsewhereIsRefusedByName(String code, String name, String row) {
        Answer refused = uploads.send("c.jsonl", row + "\n");

        assertThat(Uploads.errors(refused)).containsExactly("1 " + code);
        assertThat(refused.json().path("errors").get(0).path("message").asString())
                .contains(name.replace("'weight'", "weight"));
    }

    @Test
    void theCasesOfWeightsAndToolCallsAreHonouredOrRefusedByName() throws IOException {
        JsonNode dataset = uploads.good("weight.jsonl", Files.readString(Cases.of("chat-weight.jsonl")));
        assertThat(uploads.rows(dataset))
                .hasSize(24)
                .allMatch(row -> row.contains("\"weight\":0,\"content\":\"ok\"") && row.contains("\"name\":\"kim\""));

        Answer refused = uploads.send("calls.jsonl", Files.readString(Cases.of("chat-tool-calls.jsonl")));
        assertThat(Uploads.errors(refused)).hasSize(20).allMatch(error -> error.endsWith("unsupported_tool_calls"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    empty_messages         | []
                    invalid_type           | "hello"
                    no_assistant_message   | [{"from":"human","value":"a"}]
                    unsupported_tool_calls | [{"from":"human","value":"a"},{"from":"function_call","value":"{}"}]
                    unknown_role           | [{"from":"alien","value":"a"}]
                    invalid_message        | ["a"]
                    invalid_message        | [{"role":"user","content":[{"type":"text"}]}]
                    unknown_role           | [{"role":"human","content":"a"}]
                    empty_content          | [{"role":"user","content":"a"},{"role":"assistant","content":" "}]
                    no_assistant_message   | [{"role":"user","content":"a"}]
                    unexpected_role        | [{"role":"user","content":"a"},{"role":"system","content":"b"}]
                    unexpected_role        | [{"role":"user","content":"a"},{"role":"user","content":"b"}]
                    unexpected_role        | [{"role":"assistant","content":"a"}]
                    unexpected_role        | [{"role":"user","content":"a"},{"role":"tool","content":"b"}]
                    null_byte              | [{"role":"user","content":"\\u0000"}]
                    unsupported_tool_calls | [{"role":"user","content":"a"},{"role":"assistant","content":"b","tool_calls":[{}]}]
                    """)
    void aConversationThatNoTemplateAcceptsIsRefused(String code, String messages) {
        Answer refused = uploads.send("c.jsonl", "\n{\"messages\":" + messages + "}\n", "task", "causal-lm");

        assertThat(Uploads.errors(refused)).containsExactly("2 " + code);
    }

    @Test
    void promptsAndCompletionsAreFoundByTheirUsualNames() {
        JsonNode json = uploads.good("p.jsonl", "{\"instruction\":\"Say a.\",\"output\":\" a\",\"text\":\"x\"}\n");
        JsonNode csv = uploads.good("p.csv", "q,a\nWhy?,So.\n", "columns", "{\"prompt\":\"q\",\"completion\":\"a\"}");

        assertThat(json.get("task").asString()).isEqualTo("causal-lm");
        assertThat(uploads.rows(json)).containsExactly("{\"prompt\":\"Say a.\",\"completion\":\" a\"}");
        assertThat(uploads.rows(csv)).containsExactly("{\"prompt\":\"Why?\",\"completion\":\"So.\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"question":"a","input":"b","output":"c"}    | ``                                    | ambiguous_columns | question, input
                    {"text":"a","messages":[]}                   | {"text":"text","messages":"messages"} | conflicting_roles | messages
                    {"prompt":"a"}                               | {"prompt":"prompt"}                   | missing_column    | 'completion'
                    {"document":"a"}                             | ``                                    | missing_column    | Columns found: document
                    """)
    void ambiguousOrMissingColumnsAreRefused(String row, String columns, String code, String detail) {
        Answer refused = uploads.send("p.jsonl", row + "\n", "task", "causal-lm", "columns", columns);

        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
    }

    @Test
    void textIsStoredUnchanged() {
        JsonNode dataset = uploads.good(
                "t.jsonl", "{\"text\":\" a\\n\\tb \",\"label\":3}\n{\"text\":\"c\"}\n", "task", "masked-lm");

        assertThat(uploads.rows(dataset)).containsExactly("{\"text\":\" a\\n\\tb \"}", "{\"text\":\"c\"}");
    }

    @Test
    void blankLinesSeparateTheRowsOfPlainText() {
        JsonNode dataset = uploads.good("t.txt", "\n\nOne,\n \"two.\n \n\t\nThree.", "task", "causal-lm");

        assertThat(dataset.get("format").asString()).isEqualTo("text");
        assertThat(uploads.rows(dataset)).containsExactly("{\"text\":\"One,\\n \\\"two.\"}", "{\"text\":\"Three.\"}");
    }

    @Test
    void shakespeareIsSplitInTheOrderOfTheFile() throws IOException {
        JsonNode dataset = uploads.good(
                "tinyshakespeare.txt",
                Uploads.shared("tinyshakespeare/tinyshakespeare.txt"),
                "task",
                "causal-lm",
                "split",
                "{\"validation\":0.1,\"test\":0.05,\"order\":\"file\"}");

        assertThat(dataset.get("row_count").asInt()).isEqualTo(7222);
        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":6139,\"validation\":722,\"test\":361}");
        String last = "/api/v1/datasets/" + dataset.get("id").asString() + "/rows?after=6138&limit=2";
        assertThat(api.get(last)
                        .json()
                        .get("data")
                        .valueStream()
                        .map(row -> row.get("number").asInt() + " "
                                + row.get("split").asString())
                        .toList())
                .containsExactly("6139 train", "6140 validation");
    }

    @Test
    void plainTextNeedsATask() {
        Answer refused = uploads.send("t.txt", "Once upon a time,\nthere was a \"dragon\n");

        assertThat(refused.code()).isEqualTo("required");
        assertThat(refused.detail()).contains("causal-lm or masked-lm");
    }

    @Test
    void invalidBytesInPlainTextAreRefusedByTheirParagraph() {
        byte[] file = "good\n\none\ncaf#\n\nfine\n".getBytes();
        file[13] = (byte) 0xe9;
        Answer refused = api.upload("t.txt", file, java.util.Map.of("task", "masked-lm"));

        assertThat(Uploads.errors(refused)).containsExactly("3 invalid_utf8");
    }
}
