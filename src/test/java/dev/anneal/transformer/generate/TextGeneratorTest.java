package dev.anneal.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation.FinishReason;
import dev.anneal.transformer.tokenizer.TokenText;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TextGeneratorTest {
    private static final Path STORIES = Path.of("../shared/models/stories260K_hf");
    private static final Path TINY = Path.of("src/test/resources/models/llama");

    @BeforeEach
    void needsTheStories() {
        assumeTrue(Files.exists(STORIES), "no model at " + STORIES);
    }

    private static TextGenerator stories() {
        return TextGenerator.load(STORIES, "cpu", 1);
    }

    private static Generation generate(TextGenerator generator, String prompt, GenerationOptions options) {
        return generator.generate(generator.encode(prompt), options, piece -> {});
    }

    private static GenerationOptions drawn(double temperature, double topP, int topK, long seed) {
        return new GenerationOptions(40, temperature, topP, topK, List.of(), seed);
    }

    @Test
    void theStoryIsTheOneOfTheReference() throws IOException {
        JsonNode golden = Json.MAPPER.readTree(Files.readString(STORIES.resolve("golden.json")));
        try (TextGenerator generator = stories()) {
            int[] prompt = generator.encode(golden.get("prompt").asString());
            List<String> pieces = new ArrayList<>();

            int count = golden.get("greedy_ids").size() - prompt.length;
            Generation generation = generator.generate(prompt, GenerationOptions.greedy(count), pieces::add);

            assertThat(prompt)
                    .containsExactly(golden.get("prompt_ids")
                            .valueStream()
                            .mapToInt(JsonNode::asInt)
                            .toArray());
            assertThat(" " + golden.get("prompt").asString() + generation.text())
                    .isEqualTo(golden.get("greedy_text").asString());
            assertThat(String.join("", pieces)).isEqualTo(generation.text());
            assertThat(pieces).hasSizeGreaterThan(50);
            assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(generation.promptTokens()).isEqualTo(prompt.length);
            assertThat(generation.completionTokens()).isEqualTo(count);
        }
    }

    @Test
    void equalSeedsTellEqualStoriesAndOtherSeedsOthers() {
        try (TextGenerator generator = stories()) {
            String story = generate(generator, "Once", drawn(1, 0.9, 50, 7)).text();

            assertThat(generate(generator, "Once", drawn(1, 0.9, 50, 7)).text()).isEqualTo(story);
            assertThat(generate(generator, "Once", drawn(1, 0.9, 50, 8)).text()).isNotEqualTo(story);
            String best =
                    generate(generator, "Once", GenerationOptions.greedy(40)).text();
            assertThat(generate(generator, "Once", drawn(1, 1, 1, 7)).text()).isEqualTo(best);
            assertThat(generate(generator, "Once", drawn(1, 1e-9, 0, 7)).text()).isEqualTo(best);
            assertThat(generate(generator, "Once", drawn(0.001, 1, 0, 7)).text())
                    .isEqualTo(best);
        }
    }

    @Test
    void aStopTextEndsTheStoryBeforeIt() {
        try (TextGenerator generator = stories()) {
            List<String> pieces = new ArrayList<>();
            GenerationOptions options = new GenerationOptions(200, 0, 1, 0, List.of("never said", "loved to play"), 0);

            Generation generation = generator.generate(generator.encode("Once upon a time"), options, pieces::add);

            assertThat(generation.text()).isEqualTo(", there was a little girl named Lily. She ");
            assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(String.join("", pieces)).isEqualTo(generation.text());
        }
    }

    @Test
    void severalThreadsMayShareAModel() {
        try (TextGenerator generator = stories()) {
            String alone =
                    generate(generator, "Once upon", drawn(0.8, 0.9, 0, 3)).text();
            List<CompletableFuture<String>> together = IntStream.range(0, 6)
                    .mapToObj(i ->
                            CompletableFuture.supplyAsync(() -> generate(generator, "Once upon", drawn(0.8, 0.9, 0, 3))
                                    .text()))
                    .toList();
            assertThat(together).allSatisfy(story -> assertThat(story.join()).isEqualTo(alone));
        }
    }

    @Test
    void aPromptMustLeaveAPositionAndTheTextEndsWithTheLast() {
        try (TextGenerator generator = stories()) {
            int[] prompt = new int[generator.maxLength() - 3];
            Arrays.fill(prompt, 300);
            Generation generation = generator.generate(prompt, GenerationOptions.greedy(10), piece -> {});
            assertThat(generation.completionTokens()).isEqualTo(3);
            assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThatThrownBy(() -> generator.generate(new int[600], GenerationOptions.greedy(1), piece -> {}))
                    .isInstanceOf(ModelException.class)
                    .hasMessage("the prompt has 600 tokens; the model takes 1 to 511 and has positions for 512");
        }
    }

    @Test
    void noHalfCharacterIsHandedOut() {
        try (Tokenizer tokenizer = Tokenizer.load(STORIES, 512)) {
            String text = " ein Gruß 🙂 für dich, 世界 …";
            int[] ids = tokenizer.encodeAll(text, false);
            TokenText streamed = new TokenText(tokenizer, new int[] {403}, List.of());
            List<String> pieces = new ArrayList<>();
            for (int id : ids) {
                pieces.add(streamed.add(id));
            }
            pieces.add(streamed.rest());

            assertThat(ids.length).isGreaterThan(text.length());
            assertThat(pieces).noneMatch(piece -> piece.contains("\uFFFD"));
            assertThat(pieces).noneMatch(piece -> !piece.isEmpty() && Character.isLowSurrogate(piece.charAt(0)));
            assertThat(String.join("", pieces).strip()).isEqualTo(text.strip());

            TokenText cut = new TokenText(tokenizer, new int[] {403}, List.of());
            int emoji = 0;
            StringBuilder soFar = new StringBuilder();
            while (!soFar.toString().contains("Gruß ") || emoji == 0) {
                soFar.append(cut.add(ids[emoji++]));
            }
            soFar.append(cut.add(ids[emoji])).append(cut.rest());
            assertThat(soFar.toString()).endsWith("Gruß ");
        }
    }

    @Test
    void whatMayBecomeAStopTextIsHeldBack() {
        try (Tokenizer tokenizer = Tokenizer.load(STORIES, 512)) {
            TokenText text = new TokenText(tokenizer, new int[] {403}, List.of("time and", "xyz"));
            StringBuilder given = new StringBuilder();
            for (int id : tokenizer.encodeAll("a time of x", false)) {
                given.append(text.add(id));
                assertThat(given.toString()).doesNotEndWith("time");
            }
            assertThat(given.toString()).endsWith("time of ");
            assertThat(text.rest()).isEqualTo("x");
            assertThat(text.isStopped()).isFalse();
        }
    }

    @Test
    void anEncoderDoesNotWrite() {
        Path encoder = Path.of("src/test/resources/models/bert");
        assertThatThrownBy(() -> TextGenerator.load(encoder, "cpu", 1))
                .isInstanceOf(ModelException.class)
                .hasMessage("models of type 'bert' do not write texts");
    }

    @Test
    void aChatEndsWithTheTokenThatEndsATurn() {
        try (TextGenerator generator = TextGenerator.load(TINY, "cpu", 1)) {
            int[] chat = generator.encode(List.of(Map.of("role", "user", "content", "The river")));
            assertThat(generator
                            .generate(chat, GenerationOptions.greedy(5), piece -> {})
                            .completionTokens())
                    .isBetween(1, 5);
        }
    }
}
