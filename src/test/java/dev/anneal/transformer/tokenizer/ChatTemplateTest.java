package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.jinja.JinjaException;
import dev.anneal.transformer.jinja.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ChatTemplateTest {
    private static final Path TEMPLATES = Path.of("src/test/resources/chat");
    private static final List<Map<String, Object>> CHAT = List.of(
            message("system", "Be brief."),
            message("user", "Two plus two? 🙂"),
            message("assistant", "Four."),
            message("user", "And one more?"),
            message("assistant", "Five."));

    @TempDir
    Path directory;

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private ChatTemplate template(String source) throws IOException {
        Files.writeString(directory.resolve("chat_template.jinja"), source);
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}}");
        return ChatTemplate.of(directory);
    }

    static Stream<String> templates() throws IOException {
        try (Stream<Path> files = Files.list(TEMPLATES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jinja"))
                    .map(name -> name.replace(".jinja", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** {@code expected.json} was made by transformers with Jinja2. */
    @ParameterizedTest
    @MethodSource("templates")
    void conversationsBecomeTheTextsThatTransformersMakesOfThem(String name) throws IOException {
        JsonNode expected = Json.MAPPER.readTree(Files.readString(TEMPLATES.resolve("expected.json")));
        Template template = Template.of(Files.readString(TEMPLATES.resolve(name + ".jinja")));
        for (Map.Entry<String, JsonNode> rendered :
                expected.get("rendered").get(name).properties()) {
            String conversation = rendered.getKey().replace("+", "");
            Map<String, Object> variables = new HashMap<>();
            variables.put(
                    "messages",
                    Json.MAPPER.treeToValue(expected.get("conversations").get(conversation), List.class));
            variables.put("add_generation_prompt", rendered.getKey().endsWith("+"));
            variables.put("date_string", "1 Jan 2026");
            variables.put("bos_token", "<s>");
            variables.put("eos_token", "</s>");
            variables.put("tools", null);
            String error = rendered.getValue().path("error").asString(null);
            if (error == null) {
                assertThat(template.render(variables))
                        .as(rendered.getKey())
                        .isEqualTo(rendered.getValue().get("text").asString());
            } else {
                assertThatThrownBy(() -> template.render(variables))
                        .isInstanceOf(JinjaException.class)
                        .hasMessageContaining(error);
            }
        }
    }

    @Test
    void theAnswersOfTheAssistantAreFoundWithTheirEndOfTurn() throws IOException {
        assertThat(completions("qwen2.5")).containsExactly("Four.<|im_end|>", "Five.<|im_end|>");
        assertThat(completions("smollm2")).containsExactly("Four.<|im_end|>", "Five.<|im_end|>");
        assertThat(completions("llama-3")).containsExactly("Four.<|eot_id|>", "Five.<|eot_id|>");
        assertThat(completions("llama-3.1")).containsExactly("Four.<|eot_id|>", "Five.<|eot_id|>");
        assertThat(completions("zephyr")).containsExactly("Four.</s>", "Five.</s>");
    }

    private List<String> completions(String name) throws IOException {
        return answers(Files.readString(TEMPLATES.resolve(name + ".jinja")), CHAT);
    }

    private List<String> answers(String template, List<Map<String, Object>> chat) throws IOException {
        ChatTemplate.Rendered rendered = template(template).renderWithAnswers(chat);
        return rendered.answers().values().stream()
                .flatMap(List::stream)
                .map(range -> rendered.text().substring(range[0], range[1]))
                .toList();
    }

    private static final String TURN = "{{ '<|' + m.role + '|>' }}";

    /** A template writes history in another way than the last answer; all answers are found nevertheless. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            an empty thought in the last answer ~ {% for m in messages %}{{ '<|' + m.role + '|>' }}{% if loop.last and m.role == 'assistant' %}<think></think>{% endif %}{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ <think></think>Five.<end>
            thoughts stripped from history ~ {% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content if loop.last else m.content.split('</t>')[-1] }}<end>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ Five.<end>
            white space trimmed in history ~ {% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content if loop.last else m.content | trim }}<end>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ Five.<end>
            a date that depends on the number of messages ~ {{ messages | length }}{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ Five.<end>
            the system message moves to the last user message ~ {% set last = (messages | selectattr('role', 'equalto', 'user') | list)[-1] %}{% for m in messages %}{% if m.role != 'system' %}{{ '<|' + m.role + '|>' }}{% if m == last %}{{ messages[0].content }}{% endif %}{{ m.content }}<end>{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ Five.<end>
            a prompt that opens a thought ~ {% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<|assistant|><think>{% endif %} ~ Four.<end> ~ Five.<end>
            a question about the last character ~ {% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}{% if m.content.endswith('.') %}<end>{% else %}<more>{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %} ~ Four.<end> ~ Five.<end>
            """)
    void answersAreFoundIfHistoryIsWrittenInAnotherWay(String name, String template, String first, String second)
            throws IOException {
        assertThat(answers(template, CHAT)).containsExactly(first, second);
    }

    @Test
    void theThoughtsOfTheLastAnswerAreLearnedIfTheTemplateKeepsThem() throws IOException {
        String template = "{% for m in messages %}" + TURN
                + "{{ m.content if loop.last else m.content.split('</t>')[-1] }}<end>{% endfor %}"
                + "{% if add_generation_prompt %}<|assistant|>{% endif %}";
        List<Map<String, Object>> chat = List.of(
                message("user", "one"),
                message("assistant", "<t>hm</t>1"),
                message("user", "two"),
                message("assistant", "<t>so</t>2"));

        assertThat(answers(template, chat)).containsExactly("1<end>", "<t>so</t>2<end>");
    }

    /** The prompt is longer than the start of the answers, which begin as the rest of the prompt does. */
    @Test
    void anAnswerThatStartsAsTheRestOfThePromptIsLearnedFromItsFirstCharacter() throws IOException {
        String template = "{%% for m in messages %%}" + TURN + "{{ %s }}<end>{%% endfor %%}"
                + "{%% if add_generation_prompt %%}<|assistant|><think>{%% endif %%}";
        List<Map<String, Object>> chat = List.of(
                message("user", "one"),
                message("assistant", "<p>1</p>"),
                message("user", "two"),
                message("assistant", "</think><td>2</td>"));

        assertThat(answers(template.formatted("m.content"), chat))
                .containsExactly("<p>1</p><end>", "</think><td>2</td><end>");
        assertThat(answers(template.formatted("m.content.split('</think>')[-1]"), chat))
                .containsExactly("<p>1</p><end>", "<td>2</td><end>");
    }

    /** qwen3 asks how the messages of users start and end. */
    @Test
    void answersToToolsAreFoundIfTheTemplateAsksHowMessagesEnd() throws IOException {
        List<Map<String, Object>> chat = List.of(
                message("user", "Two plus two?"),
                message("assistant", "<think>\nhm\n</think>\n\ncall"),
                message("user", "<tool_response>4</tool_response>"),
                message("assistant", "Four."));

        assertThat(answers(Files.readString(TEMPLATES.resolve("qwen3.jinja")), chat))
                .containsExactly("<think>\nhm\n</think>\n\ncall<|im_end|>", "<think>\n\n</think>\n\nFour.<|im_end|>");
    }

    @Test
    void severalPartsOfAnAnswerThatTheTemplateMarksAreAllLearned() throws IOException {
        String template = "{% for m in messages %}" + TURN + "{% if m.role == 'assistant' %}"
                + "{% generation %}<t>{% endgeneration %}!{% generation %}{{ m.content }}{% endgeneration %}"
                + "!{% generation %}<end>{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}";

        assertThat(answers(template, CHAT)).containsExactly("<t>", "Four.", "<end>", "<t>", "Five.", "<end>");
    }

    @Test
    void aFieldIsReadOnlyIfItChangesTheText() throws IOException {
        List<Map<String, Object>> chat =
                List.of(Map.of("role", "user", "name", "Ann", "content", "Hello"), message("assistant", "Hello."));
        for (String name : List.of("qwen2.5", "llama-3.1")) {
            assertThat(template(Files.readString(TEMPLATES.resolve(name + ".jinja")))
                            .reads("name", chat))
                    .as(name)
                    .isFalse();
        }
        assertThat(template("{% for m in messages %}{{ m['name'] }}{% endfor %}")
                        .reads("name", chat))
                .isTrue();
    }

    @Test
    void partsThatTheTemplateMarksAreTheAnswers() throws IOException {
        String template = "{% for m in messages %}" + TURN + "{% if m.role == 'assistant' %}"
                + "{% set a %}{% generation %}{{ m.content | trim }}<end>{% endgeneration %}{% endset %}{{ a }}!"
                + "{% else %}{{ m.content }}{% endif %}{% endfor %}";

        assertThat(answers(template, CHAT)).containsExactly("Four.<end>", "Five.<end>");
        assertThat(template(template).render(CHAT, false))
                .doesNotContain("\uE000")
                .contains("Four.<end>!");
        assertThat(template(template).renderWithAnswers(CHAT).isMarked()).isTrue();
    }

    @Test
    void anAnswerThatTheTemplateLeavesOutOrCutsIsNotFound() throws IOException {
        String last = "{% for m in messages[-2:] %}" + TURN + "{{ m.content }}<end>{% endfor %}";
        assertThat(template(last).renderWithAnswers(CHAT).answers().keySet()).containsExactly(4);
        String cut = "{% for m in messages %}" + TURN
                + "{{ m.content if loop.last or m.role == 'user' else m.content[:2] }}<end>{% endfor %}";
        assertThat(template(cut).renderWithAnswers(CHAT).answers().keySet()).containsExactly(4);
    }

    @Test
    void answersWithPrivateCharactersAreFoundToo() throws IOException {
        List<Map<String, Object>> chat =
                List.of(message("user", "\uE000\uE001"), message("assistant", "\uF8FF \uE002"));
        assertThat(answers(Files.readString(TEMPLATES.resolve("qwen2.5.jinja")), chat))
                .containsExactly("\uF8FF \uE002<|im_end|>");
    }

    @Test
    void theEndOfTurnIsTheTokenAfterAnAnswer() throws IOException {
        for (String[] each : new String[][] {
            {"qwen2.5", "<|im_end|>"}, {"llama-3", "<|eot_id|>"}, {"mistral", "</s>"}, {"gemma", "<end_of_turn>"}
        }) {
            assertThat(template(Files.readString(TEMPLATES.resolve(each[0] + ".jinja")))
                            .endOfTurn())
                    .isEqualTo(each[1]);
        }
    }

    @Test
    void ofSeveralTemplatesTheDefaultOneIsUsed() throws IOException {
        Files.writeString(directory.resolve("tokenizer_config.json"), """
                {"chat_template": [{"name": "rag", "template": "no"}, {"name": "default", "template": "yes"}]}
                """);
        assertThat(ChatTemplate.of(directory).render(CHAT, false)).isEqualTo("yes");
    }

    @Test
    void aModelWithoutATemplateIsExportedWithTheDefaultOne() throws IOException {
        Files.writeString(
                directory.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        Files.writeString(directory.resolve("tokenizer.json"), "{\"post_processor\": {\"single\": [\"<s>\"]}}");
        ChatTemplate template = ChatTemplate.of(directory);
        String text = "<s>System: Be brief.\nUser: Two plus two? 🙂\nAssistant: Four.</s>\nUser: And one more?\n";

        assertThat(template.render(CHAT.subList(0, 4), true)).isEqualTo(text + "Assistant:");
        assertThat(template.render(CHAT, false)).isEqualTo(text + "Assistant: Five.</s>\n");
        ChatTemplate.Rendered rendered = template.renderWithAnswers(CHAT);
        assertThat(rendered.answers().values())
                .flatExtracting(parts -> parts)
                .extracting(range -> rendered.text().substring(range[0], range[1]))
                .containsExactly(" Four.</s>", " Five.</s>");

        template.write(directory);
        assertThat(Files.readString(directory.resolve("tokenizer_config.json"))).contains("\"chat_template\"");
        assertThat(ChatTemplate.of(directory).render(CHAT, true)).isEqualTo(template.render(CHAT, true));
    }

    @Test
    void aTokenizerWithTheTokensOfChatMlGetsItsTemplate() throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"added_tokens\": [{\"content\": \"<|im_start|>\"}, {\"content\": \"<|im_end|>\"}]}");
        assertThat(ChatTemplate.of(directory).render(CHAT.subList(0, 2), true))
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nTwo plus two? 🙂<|im_end|>\n"
                        + "<|im_start|>assistant\n");
    }

    @Test
    void theTokensOfAnAnswerAreThoseOfItsCharactersAlsoAfterEmoji() throws IOException {
        Path model = Path.of("src/test/resources/models/qwen2");
        ChatTemplate.Rendered rendered = ChatTemplate.of(model)
                .renderWithAnswers(List.of(message("user", "🙂🙂 the river"), message("assistant", "runs on")));
        try (Tokenizer tokenizer = Tokenizer.load(model, 64)) {
            Tokenizer.Spans spans = tokenizer.encodeSpans(rendered.text());
            StringBuilder answer = new StringBuilder();
            int end = 0;
            for (int i = 0; i < spans.ids().length; i++) {
                int[] range = rendered.answers().get(1).get(0);
                if (spans.from()[i] >= range[0] && spans.to()[i] <= range[1]) {
                    answer.append(rendered.text(), Math.max(end, spans.from()[i]), Math.max(end, spans.to()[i]));
                    end = Math.max(end, spans.to()[i]);
                }
            }
            assertThat(answer.toString()).isEqualTo("runs on<|im_end|>");
        }
    }

    @Test
    void anUnknownConstructIsRefused() throws IOException {
        for (String source : List.of(
                "{{ messages[0].content.encrypt() }}",
                "{{ messages.getClass() }}",
                "{{ messages[0].content.getClass().forName('java.lang.Runtime') }}",
                "{{ messages[0].content | shout }}",
                "{{ messages is lovely }}",
                "{% include 'openapi.yaml' %}",
                "{{ 'a' + missing }}",
                "{% for m in messages %}{{ m.role }}",
                "{% for a in range(100000) %}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}",
                "{{ 'x' * 1000000000 }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}")) {
            assertThatThrownBy(() -> template(source).render(CHAT, false))
                    .as(source)
                    .isInstanceOf(ModelException.class);
        }
        assertThat(template("{{ messages.class }}{{ messages[0].content.class }}")
                        .render(CHAT, false))
                .isEmpty();
    }

    @Test
    void theTextOfAMessageIsNeverRenderedAsATemplate() throws IOException {
        assertThat(template("{{ messages[0].content }}").render(List.of(message("user", "{{ 7 * 7 }}{% raw %}")), true))
                .isEqualTo("{{ 7 * 7 }}{% raw %}");
    }

    @Test
    void anErrorInATemplateNamesItsLine() throws IOException {
        assertThatThrownBy(
                        () -> template("a\n{{ messages[0].content.encrypt() }}").render(CHAT, false))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("encrypt");
    }
}
