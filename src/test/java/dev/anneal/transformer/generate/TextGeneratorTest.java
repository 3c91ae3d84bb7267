package dev.anneal.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.transformer.Golden;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation.FinishReason;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextGeneratorTest {
    private static final Golden GOLDEN = Golden.of("llama");

    private static TextGenerator load() {
        return TextGenerator.load(GOLDEN.directory(), "cpu", 1);
    }

    private static Generation generate(TextGenerator generator, String prompt, GenerationOptions options) {
        return generator.generate(generator.encode(prompt), options, piece -> {});
    }

    private static GenerationOptions drawn(double temperature, double topP, int topK, long seed) {
        return new GenerationOptions(40, temperature, topP, topK, List.of(), seed);
    }

    /** Returns the text that transformers generates after the first text, without that text. */
    private static String continuation() {
        try (Tokenizer tokenizer = Tokenizer.load(GOLDEN.directory(), 128)) {
            int[] prompt = GOLDEN.inputs().get(0).ids();
            int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(GOLDEN.continuation()))
                    .toArray();
            return tokenizer.decode(all).substring(tokenizer.decode(prompt).length());
        }
    }

    @Test
    void theTextIsTheOneThatTransformersGenerates() {
        try (TextGenerator generator = load()) {
            int[] prompt = generator.encode(GOLDEN.texts().get(0).asString());
            List<String> pieces = new ArrayList<>();

            int count = GOLDEN.continuation().length;
            Generation generation = generator.generate(prompt, Greedy.options(count), pieces::add);

            assertThat(prompt).containsExactly(GOLDEN.inputs().get(0).ids());
            assertThat(generation.text()).isEqualTo(continuation());
            assertThat(String.join("", pieces)).isEqualTo(generation.text());
            assertThat(pieces).as("one for each token").hasSize(count);
            assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(generation.promptTokens()).isEqualTo(prompt.length);
            assertThat(generation.completionTokens()).isEqualTo(count);
        }
    }

    @Test
    void equalSeedsGiveEqualTextsAndOtherSeedsOtherTexts() {
        try (TextGenerator generator = load()) {
            String text = generate(generator, "The", drawn(1, 0.9, 50, 7)).text();

            assertThat(generate(generator, "The", drawn(1, 0.9, 50, 7)).text()).isEqualTo(text);
            assertThat(generate(generator, "The", drawn(1, 0.9, 50, 8)).text()).isNotEqualTo(text);
            String best = generate(generator, "The", Greedy.options(40)).text();
            assertThat(generate(generator, "The", drawn(1, 1, 1, 7)).text()).isEqualTo(best);
            assertThat(generate(generator, "The", drawn(1, 1e-9, 0, 7)).text()).isEqualTo(best);
            assertThat(generate(generator, "The", drawn(0.001, 1, 0, 7)).text()).isEqualTo(best);
        }
    }

    @Test
    void aStopTextEndsTheTextBeforeIt() {
        String whole = continuation();
        String stop = whole.substring(10, 13);
        try (TextGenerator generator = load()) {
            List<String> pieces = new ArrayList<>();
            GenerationOptions options = new GenerationOptions(24, 0, 1, 0, List.of("never written", stop), 0);

            Generation generation =
                    generator.generate(generator.encode(GOLDEN.texts().get(0).asString()), options, pieces::add);

            assertThat(generation.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
            assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(String.join("", pieces)).isEqualTo(generation.text());
        }
    }

    @Test
    void severalThreadsCanShareAModel() {
        try (TextGenerator generator = load()) {
            String alone =
                    generate(generator, "The river", drawn(0.8, 0.9, 0, 3)).text();
            List<CompletableFuture<String>> together = IntStream.range(0, 6)
                    .mapToObj(i ->
                            CompletableFuture.supplyAsync(() -> generate(generator, "The river", drawn(0.8, 0.9, 0, 3))
                                    .text()))
                    .toList();
            assertThat(together).allSatisfy(text -> assertThat(text.join()).isEqualTo(alone));
        }
    }

    @Test
    void aPromptMustLeaveAPositionAndTheTextEndsAtTheLastPosition() {
        try (TextGenerator generator = load()) {
            int[] prompt = new int[generator.maxLength() - 3];
            Arrays.fill(prompt, 116);
            Generation generation = generator.generate(prompt, Greedy.options(10), piece -> {});
            assertThat(generation.completionTokens()).isEqualTo(3);
            assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThatThrownBy(() -> generator.generate(new int[600], Greedy.options(1), piece -> {}))
                    .isInstanceOf(ModelException.class)
                    .hasMessage(
                            "The prompt has 600 tokens. The model accepts 1 to 127, because prompt and answer together have at most 128");
        }
    }

    @Test
    void anEncoderDoesNotWrite() {
        Path encoder = Path.of("src/test/resources/models/bert");
        assertThatThrownBy(() -> TextGenerator.load(encoder, "cpu", 1))
                .isInstanceOf(ModelException.class)
                .hasMessage("Models of type 'bert' cannot generate text");
    }
}
