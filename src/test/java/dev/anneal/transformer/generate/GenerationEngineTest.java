package dev.anneal.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation.FinishReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationEngineTest extends GoldenEngines {
    static List<String> decoders() {
        return Golden.names().stream()
                .filter(name -> Golden.of(name).config().task() == Task.CAUSAL_LM)
                .toList();
    }

    private static List<int[]> prompts(int count, int longest) {
        Random random = new Random(1);
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(1 + random.nextInt(longest), 5, 150).toArray())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void theTokensAreThoseOfTransformers(String name) throws IOException {
        int[] expected = Golden.of(name).continuation();
        try (GenerationEngine engine = load(name, "fp32")) {
            Heard heard = alone(engine, Golden.of(name).inputs().get(0).ids(), options(expected.length, 0, 0, 1, 0));
            assertThat(heard.ids()).startsWith(expected);
        }
    }

    /** Log probabilities show every bit of the scores. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "mistral", "qwen2", "qwen3"})
    void aTextIsTheSameInABatchAsAlone(String name) throws IOException {
        for (String precision : List.of("fp32", "bf16")) {
            try (GenerationEngine engine = load(name, precision)) {
                List<int[]> prompts = prompts(24, 60);
                List<Heard> together = new ArrayList<>();
                for (int i = 0; i < prompts.size(); i++) {
                    Heard heard = new Heard();
                    engine.submit(prompts.get(i), mixed(i), heard);
                    together.add(heard);
                }
                together.forEach(Heard::await);
                for (int i = 0; i < prompts.size(); i++) {
                    Heard lone = alone(engine, prompts.get(i), mixed(i));
                    assertThat(together.get(i).scores)
                            .as("%s, text %d", precision, i)
                            .isEqualTo(lone.scores);
                    assertThat(together.get(i).text()).isEqualTo(lone.text());
                }
            }
        }
    }

    /** A prompt is computed in the same parts, whether another prompt or a text is computed with it or not. */
    @Test
    void promptsOfSeveralPartsAreTheSameInABatchAsAlone() throws IOException {
        for (String precision : List.of("fp32", "bf16")) {
            Path directory = directory("qwen2", Map.of("max_position_embeddings", 2000));
            try (GenerationEngine engine = load(directory, precision, 8, MUCH, MUCH)) {
                List<int[]> prompts = prompts(8, 900);
                List<Heard> together = new ArrayList<>();
                for (int[] prompt : prompts) {
                    Heard heard = new Heard();
                    engine.submit(prompt, options(12, 0, 0, 1, 0), heard);
                    together.add(heard);
                }
                together.forEach(Heard::await);
                for (int i = 0; i < prompts.size(); i++) {
                    Heard lone = alone(engine, prompts.get(i), options(12, 0, 0, 1, 0));
                    assertThat(together.get(i).scores).isEqualTo(lone.scores);
                }
            }
        }
    }

    @Test
    void aDifferenceThatIsKnownFromAnEarlierCheckIsNotMeasuredAgain() throws IOException {
        var limits = new GenerationEngine.Limits(1, 8, MUCH, MUCH);
        try (GenerationEngine engine =
                GenerationEngine.load(directory("llama"), "cpu", "bf16", 0.0123, limits, (texts, step) -> step.run())) {
            assertThat(engine.precision()).isEqualTo("bf16");
            assertThat(engine.difference()).isEqualTo(0.0123);
        }
    }

    @Test
    void aFailingStepFailsOnlyTheTextThatFailsAlone() throws IOException {
        var limits = new GenerationEngine.Limits(1, 8, MUCH, MUCH);
        try (GenerationEngine engine = GenerationEngine.load(
                directory("llama"),
                "cpu",
                "fp32",
                null,
                limits,
                (texts, step) -> step.run(),
                steps -> (parts, logprobs) -> {
                    boolean fails = parts.stream().anyMatch(part -> part.ids().length == 3 || part.past() == 5);
                    if (fails) {
                        steps.step(parts, logprobs); // the caches have the new tokens already
                        throw new IllegalStateException("failed");
                    }
                    return steps.step(parts, logprobs);
                })) {
            List<Heard> heard = new ArrayList<>();
            for (int length : new int[] {3, 4, 6, 8}) {
                Heard one = new Heard();
                engine.submit(IntStream.range(5, 5 + length).toArray(), options(20, 0, 0, 1, 0), one);
                heard.add(one);
            }
            heard.forEach(Heard::await);
            assertThat(heard.get(0).cause).hasMessage("failed");
            assertThat(heard.get(1).cause).hasMessage("failed");
            assertThat(heard.get(1).scores).hasSize(2);
            for (Heard other : heard.subList(2, 4)) {
                assertThat(other.generation.completionTokens()).isEqualTo(20);
                int[] prompt =
                        IntStream.range(5, 5 + other.generation.promptTokens()).toArray();
                assertThat(other.scores).isEqualTo(alone(engine, prompt, options(20, 0, 0, 1, 0)).scores);
            }
        }
    }

    @Test
    void scoresThatAreNotNumbersFailTheText() throws IOException {
        Path directory = directory("llama");
        Path weights = directory.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN); // of the last norm
        Files.write(weights, bytes);
        try (GenerationEngine engine = load(directory, "fp32", 8, MUCH, MUCH)) {
            Heard heard = alone(engine, new int[] {5, 6}, options(5, 1, 0, 0.9, 0));
            assertThat(heard.cause)
                    .isInstanceOf(ModelException.class)
                    .hasMessage("The model computes scores that are not numbers");
        }
    }

    /** Greedy, drawn, and limited texts of different lengths. */
    private static GenerationOptions mixed(int i) {
        return switch (i % 4) {
            case 0 -> options(5 + i, 0, 0, 1, i);
            case 1 -> options(5 + i, 1, 0, 1, i);
            case 2 -> options(5 + i, 0.8, 20, 1, i);
            default -> options(5 + i, 1.2, 0, 0.7, i);
        };
    }

    @Test
    void aLongPromptIsComputedInPartsAndContinuedAsByTransformers() throws IOException {
        Path directory = directory("mistral", Map.of("max_position_embeddings", 20_000));
        try (GenerationEngine engine = load(directory, "fp32", 4, 20_000, MUCH)) {
            int[] prompt = new Random(2).ints(16_000, 5, 150).toArray();
            // A layer sees as far as its window, so the answer depends on the last tokens only.
            int[] end = Arrays.copyOfRange(prompt, prompt.length - 600, prompt.length);
            Heard whole = alone(engine, prompt, options(8, 0, 0, 1, 0));
            Heard part = alone(engine, end, options(8, 0, 0, 1, 0));

            assertThat(whole.generation.promptTokens()).isEqualTo(16_000);
            assertThat(whole.ids()).isEqualTo(part.ids());
            assertThat(engine.stepBytes()).isLessThan(16_000L * 16_000 / 5);
            assertThat(engine.cacheBytes(16_000)).isEqualTo(16_000L * cacheOf("mistral"));
        }
    }

    /** Returns the bytes of a token's keys and values in fp32. */
    private static long cacheOf(String name) {
        var config = Golden.of(name).config();
        long heads = config.integer("num_key_value_heads");
        long size = config.integer("hidden_size") / config.integer("num_attention_heads");
        return config.integer("num_hidden_layers") * 2 * heads * size * 4;
    }

    @Test
    void theSameSeedGivesTheSameTextAndAnotherSeedAnother() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            int[] prompt = {5, 6, 7};
            String text = alone(engine, prompt, options(30, 1, 0, 1, 7)).text();
            assertThat(alone(engine, prompt, options(30, 1, 0, 1, 7)).text()).isEqualTo(text);
            assertThat(alone(engine, prompt, options(30, 1, 0, 1, 8)).text()).isNotEqualTo(text);
        }
    }

    @Test
    void tokensAreDrawnWithTheirProbabilities() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            int[] prompt = {5, 6, 7};
            TokenScore first =
                    alone(engine, prompt, options(1, 0, 0, 1, 0)).scores.get(0);
            double best = Math.exp(first.logprob());
            double second = Math.exp(first.likeliest().get(1).logprob());
            int[] drawn = IntStream.range(0, 600)
                    .map(seed ->
                            alone(engine, prompt, options(1, 1, 2, 1, seed)).ids()[0])
                    .toArray();

            assertThat(drawn)
                    .containsOnly(
                            first.likeliest().get(0).id(),
                            first.likeliest().get(1).id());
            double share = IntStream.of(drawn).filter(id -> id == first.id()).count() / 600.0;
            assertThat(share).isCloseTo(best / (best + second), within(0.08));
            assertThat(first.likeliest().get(0).logprob()).isEqualTo(first.logprob());
        }
    }

    @Test
    void aStopTextEndsATextAlsoIfItSpansPieces() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            int[] prompt = Golden.of("llama").inputs().get(0).ids();
            String whole = alone(engine, prompt, options(24, 0, 0, 1, 0)).text();
            String stop = whole.substring(6, 12);
            Heard heard = alone(engine, prompt, new GenerationOptions(24, 0, 1, 0, List.of(stop), 0));
            assertThat(heard.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
            assertThat(heard.generation.finishReason()).isEqualTo(FinishReason.STOP);
        }
    }

    @Test
    void aTokenWithoutAnEmbeddingIsRefused() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            assertThatThrownBy(() -> engine.submit(new int[] {5, 1_000_000}, options(1, 0, 0, 1, 0), new Heard()))
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith("The prompt contains the token 1000000");
        }
    }

    @Test
    void thePrecisionIsThatOfTheDeviceIfTheCheckSucceeds() throws IOException {
        try (GenerationEngine engine = load("llama", "bf16")) {
            assertThat(engine.precision()).isEqualTo("bf16");
            assertThat(engine.difference()).isPositive().isLessThan(GenerationEngine.BOUND);
        }
        try (GenerationEngine engine = load("llama", "fp32")) {
            assertThat(engine.precision()).isEqualTo("fp32");
            assertThat(engine.difference()).isZero();
        }
    }
}
