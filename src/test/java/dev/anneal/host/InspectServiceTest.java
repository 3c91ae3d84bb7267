package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.InspectMessage;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** The view of a row against the examples that the trainer makes of it, for each kind of row and tokenizer. */
class InspectServiceTest {
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final String LONG =
            "the river runs by the old mill and the boats go home in the evening 😀 the river";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            bert        | text-classification  | {"text": "$long", "label": "b"}                    | {}
            bert        | text-classification  | {"text": "$long", "label": "b"}                    | {"long_texts": "windows"}
            bert        | text-classification  | {"text": "the river", "text_pair": "$long", "label": "a"} | {}
            roberta     | text-classification  | {"text": "$long", "text_pair": "the mill", "label": "a"}  | {}
            xlm-roberta | text-classification  | {"text": "$long", "label": "a"}                    | {}
            bert        | multi-label-classification | {"text": "$long", "labels": ["a", "b"]}      | {}
            modernbert  | text-regression      | {"text": "$long", "score": 2.5}                    | {}
            bert        | token-classification | {"tokens": ["the", "river", "😀", "evening", "old", "mill"], "tags": ["a", "b", "a", "a", "b", "b"]} | {}
            roberta     | token-classification | {"tokens": ["the", "river", "evening", "old", "mill", "boats"], "tags": ["a", "b", "a", "a", "b", "b"]} | {}
            gpt2        | causal-lm            | {"text": "$long"}                                  | {}
            llama       | causal-lm            | {"prompt": "$long", "completion": " the old mill"} | {}
            llama       | causal-lm            | {"prompt": "the river", "completion": "$long"}     | {"completions_only": false}
            llama       | causal-lm            | {"messages": [{"role": "user", "content": "the river 😀"}, {"role": "assistant", "content": "the boats"}, {"role": "user", "content": "home"}, {"role": "assistant", "content": "evening"}]} | {}
            qwen2       | causal-lm            | {"messages": [{"role": "user", "content": "$long"}, {"role": "assistant", "content": "the boats"}]} | {}
            bert        | masked-lm            | {"text": "$long"}                                  | {}
            roberta     | masked-lm            | {"text": "$long"}                                  | {"whole_words": true, "masking_probability": 0.5}
            """)
    void theTokensAndWhatIsLearnedAreThoseOfTheTrainer(String model, String task, String row, String options)
            throws IOException {
        for (int maxLength : new int[] {8, 12, 200}) {
            JobSpec spec = spec(task, maxLength, options);
            JsonNode content = Json.MAPPER.readTree(row.replace("$long", LONG));

            JsonNode seen = inspect(model, spec, content);

            List<List<Integer>> ids = new ArrayList<>();
            List<List<Integer>> learned = new ArrayList<>();
            seen.path("examples").forEach(example -> {
                List<JsonNode> tokens = example.path("tokens").valueStream().toList();
                ids.add(tokens.stream().map(token -> token.path("id").asInt()).toList());
                learned.add(IntStream.range(0, tokens.size())
                        .filter(i -> tokens.get(i).path("learned").asBoolean())
                        .boxed()
                        .toList());
                tokens.forEach(token -> assertThat(
                                token.has("field") || token.path("special").asBoolean())
                        .as("%s", token)
                        .isTrue());
            });
            try (Tokenizer tokenizer = Tokenizer.load(MODELS.resolve(model), maxLength)) {
                TrainingTask trained = TrainingTask.of(spec, MODELS.resolve(model), tokenizer, maxLength);
                SplittableRandom random = new SplittableRandom(42);
                List<Example> examples = trained.examples(content).stream()
                        .map(example -> trained.drawn(example, random))
                        .toList();
                assertThat(ids)
                        .as("%s of %d tokens", model, maxLength)
                        .isEqualTo(examples.stream()
                                .map(example -> IntStream.of(example.text().ids())
                                        .boxed()
                                        .toList())
                                .toList());
                assertThat(learned)
                        .isEqualTo(examples.stream()
                                .map(example -> IntStream.range(
                                                0, example.text().length())
                                        .filter(i -> trained.isLearned(example, i))
                                        .boxed()
                                        .toList())
                                .toList());
                assertThat(seen.path("cut_count").asLong())
                        .isEqualTo(trained.examples(content).stream()
                                .mapToLong(example -> example.cut().tokens())
                                .sum());
            }
        }
    }

    @Test
    void tokensLeadToTheirCharactersAndWhatIsCutFollows() throws IOException {
        String text = "the 😀 river runs";

        JsonNode seen = inspect(
                "bert",
                spec("text-classification", 6, "{}"),
                Json.MAPPER.createObjectNode().put("text", text).put("label", "b"));

        List<String> kept = new ArrayList<>();
        seen.path("examples").get(0).path("tokens").forEach(token -> kept.add(characters(text, token)));
        assertThat(kept).startsWith("", "the").endsWith("");
        assertThat(seen.path("labels").toString()).isEqualTo("[\"b\"]");
        StringBuilder all = new StringBuilder(String.join("", kept));
        seen.path("cut").forEach(token -> all.append(characters(text, token)));
        assertThat(all.toString()).isEqualTo(text.replace(" ", ""));
        assertThat(seen.path("cut")).hasSize(seen.path("cut_count").asInt());
    }

    private static String characters(String text, JsonNode token) {
        return token.has("start")
                ? text.substring(
                        text.offsetByCodePoints(0, token.path("start").asInt()),
                        text.offsetByCodePoints(0, token.path("end").asInt()))
                : "";
    }

    @Test
    void aMaskedTokenIsShownWithTheTokenThatItHides() throws IOException {
        JsonNode seen = inspect(
                "bert",
                spec("masked-lm", 64, "{\"masking_probability\": 0.5}"),
                Json.MAPPER.createObjectNode().put("text", LONG));

        List<JsonNode> learned = seen.path("examples")
                .get(0)
                .path("tokens")
                .valueStream()
                .filter(token -> token.path("learned").asBoolean())
                .toList();
        assertThat(learned).hasSizeGreaterThan(3);
        assertThat(learned)
                .anySatisfy(token -> assertThat(token.path("text").asString()).isEqualTo("[MASK]"));
        for (JsonNode token : learned) {
            String hidden = token.path("target").asString().replace("##", "");
            assertThat(hidden.equals("[UNK]") || characters(LONG, token).equals(hidden))
                    .as("%s", token)
                    .isTrue();
        }
    }

    @Test
    void ofAConversationTheRenderedTextIsShownAndItsAnswersAreLearned() throws IOException {
        JsonNode seen = inspect("llama", spec("causal-lm", 200, "{}"), Json.MAPPER.readTree("""
                {"messages": [{"role": "user", "content": "the river"}, {"role": "assistant", "content": "the boats"}]}"""));

        String rendered = seen.path("rendered").asString();
        assertThat(rendered).contains("<|im_start|>user", "the boats<|im_end|>");
        StringBuilder learned = new StringBuilder();
        seen.path("examples")
                .get(0)
                .path("tokens")
                .valueStream()
                .filter(token -> token.path("learned").asBoolean())
                .forEach(token -> learned.append(characters(rendered, token)));
        assertThat(learned.toString().replace(" ", "")).startsWith("theboats").doesNotContain("river");
    }

    @Test
    void aLongRowIsShownInPart() throws IOException {
        JsonNode seen = inspect(
                "gpt2",
                spec("causal-lm", 32, "{}"),
                Json.MAPPER.createObjectNode().put("text", "the river ".repeat(3_000)));

        long shown = seen.path("examples")
                .valueStream()
                .mapToLong(example -> example.path("tokens").size())
                .sum();
        assertThat(shown).isEqualTo(100);
        assertThat(seen.path("token_count").asLong()).isGreaterThan(5_000);
    }

    @Test
    void theTextOfAVeryLongTokenIsCut() throws IOException {
        Path model = directory.resolve("model");
        FileSystemUtils.copyRecursively(MODELS.resolve("bert"), model);
        Path file = model.resolve("tokenizer.json");
        String tokenizer = Files.readString(file);
        String unknown = "😀".repeat(1_000);
        Files.writeString(file, tokenizer.replace("\"[UNK]\"", "\"" + unknown + "\""));

        JsonNode seen = inspect(
                model.toString(),
                spec("masked-lm", 64, "{\"masking_probability\": 0.5}"),
                Json.MAPPER.createObjectNode().put("text", "ꙮ ".repeat(40)));

        List<JsonNode> tokens =
                seen.path("examples").get(0).path("tokens").valueStream().toList();
        assertThat(tokens).anyMatch(token -> token.path("text").asString().equals("😀".repeat(200)));
        assertThat(tokens).anyMatch(token -> token.path("target").asString().equals("😀".repeat(200)));
        assertThat(seen.toString()).hasSizeLessThan(100_000);
    }

    @Test
    void aRowOfTooManyTokensToShowIsRefused() throws IOException {
        JsonNode error = answer(
                        "bert",
                        spec("text-classification", 64, "{}"),
                        Json.MAPPER
                                .createObjectNode()
                                .put("text", "ꙮ ".repeat(250_000))
                                .put("label", "a"))
                .path("error");

        assertThat(error.path("code").asString()).isEqualTo("row_does_not_fit");
        assertThat(error.path("message").asString()).startsWith("The row has more than 200,000 tokens");
    }

    private static JobSpec spec(String task, int maxLength, String options) {
        return Json.read("""
                {"task": "%s", "base_model": "m", "dataset": "d", "labels": ["a", "b"], "method": {"type": "full"},
                 "hyperparameters": {"max_length": %d, "seed": 42}, "task_options": %s}""".formatted(task, maxLength, options), JobSpec.class);
    }

    private JsonNode inspect(String model, JobSpec spec, JsonNode row) throws IOException {
        JsonNode answer = answer(model, spec, row);
        assertThat(answer.has("result")).as("%s", answer).isTrue();
        return answer.get("result");
    }

    private JsonNode answer(String model, JobSpec spec, JsonNode row) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        HostOutput output = new HostOutput(written);
        Watchdog watchdog = new Watchdog(output, RunningSteps.open(directory.resolve("steps")), 600, false);
        InspectMessage message = new InspectMessage(spec, row, 100);
        HostRequest request =
                new HostRequest(1, HostRequest.INSPECT, "project", "key", Json.MAPPER.valueToTree(message));
        HostCall call = new HostCall(request, "cpu", output, watchdog, () -> {});
        new InspectService(MODELS.resolve(model), watchdog, new CallThreads(Runnable::run))
                .answer(call, Json.MAPPER.treeToValue(request.body(), InspectMessage.class));
        return written.toString(StandardCharsets.UTF_8)
                .lines()
                .map(Json.MAPPER::readTree)
                .filter(line -> line.has("result") || line.has("error"))
                .findFirst()
                .orElseThrow();
    }
}
