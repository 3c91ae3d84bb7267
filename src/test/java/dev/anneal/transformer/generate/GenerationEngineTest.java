package dev.anneal.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class GenerationEngineTest {
    private static final int MUCH = 1 << 20;

    @TempDir
    Path temporary;

    static List<String> decoders() {
        return Golden.names().stream()
                .filter(name -> Golden.of(name).config().task() == Task.CAUSAL_LM)
                .toList();
    }

    private static GenerationEngine load(
            Path directory, String precision, int texts, int cacheTokens, int waitingTokens) {
        return GenerationEngine.load(
                directory, "cpu", precision, new GenerationEngine.Limits(1, texts, cacheTokens, waitingTokens));
    }

    private GenerationEngine load(String name, String precision) throws IOException {
        return load(directory(name), precision, 8, MUCH, MUCH);
    }

    /** Some goldens have no tokenizer. */
    private Path directory(String name) throws IOException {
        return directory(name, Map.of());
    }

    private Path directory(String name, Map<String, ? extends Number> settings) throws IOException {
        Path directory = Files.createTempDirectory(temporary, name);
        for (Map.Entry<String, Path> file : Golden.of(name).files().entrySet()) {
            Files.copy(file.getValue(), directory.resolve(file.getKey()));
        }
        Path config = directory.resolve("config.json");
        ObjectNode fields = (ObjectNode) Json.MAPPER.readTree(Files.readString(config));
        settings.forEach((field, value) -> fields.set(field, Json.MAPPER.valueToTree(value)));
        fields.remove("eos_token_id");
        Files.writeString(config, fields.toString());
        return directory;
    }

    private static List<int[]> prompts(int count, int longest) {
        Random random = new Random(1);
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(1 + random.nextInt(longest), 5, 150).toArray())
                .toList();
    }

    private static GenerationOptions options(int tokens, double temperature, int topK, double topP, long seed) {
        return new GenerationOptions(tokens, temperature, topP, topK, List.of(), seed, 2);
    }

    private static Heard alone(GenerationEngine engine, int[] prompt, GenerationOptions options) {
        Heard heard = new Heard();
        engine.submit(prompt, options, heard);
        heard.await();
        return heard;
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
    void aFailingStepFailsOnlyTheTextThatFailsAlone() throws IOException {
        var limits = new GenerationEngine.Limits(1, 8, MUCH, MUCH);
        try (GenerationEngine engine = GenerationEngine.load(
                directory("llama"), "cpu", "fp32", limits, (texts, step) -> step.run(), steps -> (parts, logprobs) -> {
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
    void aTextJoinsWhileAnotherRunsAndACancelledOneLeaves() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            Heard first = new Heard();
            first.hold = new CountDownLatch(1);
            GenerationEngine.Handle handle = engine.submit(new int[] {5, 6}, options(100, 0, 0, 1, 0), first);
            first.awaitPiece();
            Heard second = new Heard();
            engine.submit(new int[] {7, 8}, options(3, 0, 0, 1, 0), second);
            first.hold.countDown();
            second.await();
            handle.cancel();
            first.await();
            assertThat(first.generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(first.generation.text()).isEqualTo(first.text());
            assertThat(second.generation.completionTokens()).isEqualTo(3);
        }
    }

    @Test
    void textsWaitUntilTheCacheHasRoomAndWhatWaitsIsBounded() throws IOException {
        try (GenerationEngine engine = load(directory("llama"), "fp32", 8, 30, 6)) {
            Heard first = new Heard();
            first.hold = new CountDownLatch(1);
            engine.submit(new int[] {5, 6, 7, 8}, options(20, 0, 0, 1, 0), first);
            first.awaitPiece();
            Heard second = new Heard();
            engine.submit(new int[] {5, 6, 7, 8}, options(20, 0, 0, 1, 0), second);
            assertThatThrownBy(() -> engine.submit(new int[3], options(1, 0, 0, 1, 0), new Heard()))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> engine.submit(new int[] {5}, options(100, 0, 0, 1, 0), new Heard()))
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith("The prompt and its answer need room for 100 tokens");
            assertThat(second.scores).isEmpty();
            first.hold.countDown();
            first.await();
            second.await();
            assertThat(second.scores).isEqualTo(first.scores);
        }
    }

    @Test
    void theTextsOfOwnersBeginInTurn() throws IOException {
        var limits = new GenerationEngine.Limits(1, 1, MUCH, MUCH);
        List<String> begun = Collections.synchronizedList(new ArrayList<>());
        try (GenerationEngine engine =
                GenerationEngine.load(directory("llama"), "cpu", "fp32", limits, noting(begun, true))) {
            Heard first = held(engine, "a");
            List<Heard> others = Stream.of("a", "a", "a", "b", "c")
                    .map(owner -> submitted(engine, owner, 2, 2))
                    .toList();
            begun.clear();
            first.hold.countDown();
            others.forEach(Heard::await);
        }
        assertThat(distinct(begun)).containsExactly("a", "b", "c", "a");
    }

    @Test
    void anOwnerHasAShareOfTheTextsThatRunAndOfTheCache() throws IOException {
        var limits = new GenerationEngine.Limits(1, 4, 2, 80, MUCH);
        try (GenerationEngine engine = GenerationEngine.load(directory("llama"), "cpu", "fp32", limits)) {
            Heard first = held(engine, "a", 8);
            Heard large = submitted(engine, "a", 2, 40); // with the first one more than half of the cache
            Heard other = submitted(engine, "b", 2, 2, new CountDownLatch(1));
            first.hold.countDown();
            other.awaitPiece();
            assertThat(large.pieces).isEmpty();
            other.hold.countDown();
            large.await();
        }
        limits = new GenerationEngine.Limits(1, 4, 2, MUCH, MUCH);
        try (GenerationEngine engine = GenerationEngine.load(directory("llama"), "cpu", "fp32", limits)) {
            Heard first = held(engine, "a", 60);
            Heard second = submitted(engine, "a", 2, 90, new CountDownLatch(1));
            Heard third = submitted(engine, "a", 2, 90);
            first.hold.countDown();
            second.awaitPiece();
            assertThat(first.generation).isNull();
            assertThat(third.pieces).isEmpty();
            second.hold.countDown();
            third.await();
        }
    }

    @Test
    void aGroupHasTurnsAndAShareHoweverManyOwnersItHas() throws IOException {
        var limits = new GenerationEngine.Limits(1, 4, 2, MUCH, MUCH);
        List<String> begun = Collections.synchronizedList(new ArrayList<>());
        try (GenerationEngine engine =
                GenerationEngine.load(directory("llama"), "cpu", "fp32", limits, noting(begun, true))) {
            Heard first = held(engine, "g/0", 60);
            List<Heard> others = Stream.of("g/1", "g/2", "g/3", "g/4", "h/0", "h/1")
                    .map(owner -> submitted(engine, owner, 2, owner.startsWith("g") ? 90 : 2))
                    .toList();
            begun.clear();
            first.hold.countDown();
            others.forEach(Heard::await);
        }
        assertThat(begun.indexOf("h/0")).isLessThan(begun.indexOf("g/2"));
        assertThat(begun.lastIndexOf("h/1")).isLessThan(begun.indexOf("g/3"));
    }

    /** One owner has prompts of three parts, and the other one has a short one that came last. */
    @Test
    void thePromptsOfOwnersAreComputedInTurn() throws IOException {
        Path directory = directory("qwen2", Map.of("max_position_embeddings", 2000));
        var limits = new GenerationEngine.Limits(1, 8, MUCH, MUCH);
        List<String> computed = Collections.synchronizedList(new ArrayList<>());
        try (GenerationEngine engine =
                GenerationEngine.load(directory, "cpu", "fp32", limits, noting(computed, false))) {
            Heard first = held(engine, "held");
            List<Heard> others = new ArrayList<>();
            for (String owner : List.of("a", "a", "b")) {
                others.add(submitted(engine, owner, owner.equals("a") ? 3 * GenerationEngine.CHUNK : 4, 1));
            }
            computed.clear();
            first.hold.countDown();
            others.forEach(Heard::await);
        }
        computed.removeIf("held"::equals);
        assertThat(computed.indexOf("b")).isLessThanOrEqualTo(1);
    }

    @Test
    void textsThatMayNotShareAStepAreComputedInSeparateOnes() throws IOException {
        List<List<String>> steps = Collections.synchronizedList(new ArrayList<>());
        var runner = new GenerationEngine.StepRunner() {
            @Override
            public void run(List<GenerationListener> texts, Runnable step) {
                steps.add(texts.stream().map(GenerationListener::owner).toList());
                step.run();
            }

            @Override
            public boolean mayShare(GenerationListener one, GenerationListener other) {
                return one.owner().equals(other.owner());
            }
        };
        var limits = new GenerationEngine.Limits(1, 8, MUCH, MUCH);
        try (GenerationEngine engine = GenerationEngine.load(directory("llama"), "cpu", "fp32", limits, runner)) {
            Heard first = held(engine, "a");
            List<Heard> others = Stream.of("a", "b", "b")
                    .map(owner -> submitted(engine, owner, 2, 10))
                    .toList();
            first.hold.countDown();
            others.forEach(Heard::await);
            assertThat(others.get(1).scores).isEqualTo(others.get(2).scores);
            assertThat(others.get(0).scores).isEqualTo(others.get(1).scores);
        }
        assertThat(steps).allMatch(owners -> owners.stream().distinct().count() == 1);
        assertThat(steps).contains(List.of("a", "a"), List.of("b", "b"));
    }

    /** Returns a runner that notes the owner of each text of a step, or of the last one alone. */
    private static GenerationEngine.StepRunner noting(List<String> owners, boolean all) {
        return (texts, step) -> {
            List<GenerationListener> noted = all ? texts : texts.subList(texts.size() - 1, texts.size());
            noted.forEach(text -> owners.add(text.owner()));
            step.run();
        };
    }

    /** Returns names without immediate repetitions. */
    private static List<String> distinct(List<String> names) {
        return IntStream.range(0, names.size())
                .filter(i -> i == 0 || !names.get(i).equals(names.get(i - 1)))
                .mapToObj(names::get)
                .toList();
    }

    /** Returns a text that has begun, and whose listener holds the engine until it is released. */
    private static Heard held(GenerationEngine engine, String owner) {
        return held(engine, owner, 2);
    }

    /** Returns a text whose first piece holds the engine until it is released. */
    private static Heard held(GenerationEngine engine, String owner, int tokens) {
        Heard heard = submitted(engine, owner, 2, tokens, new CountDownLatch(1));
        heard.awaitPiece();
        return heard;
    }

    private static Heard submitted(GenerationEngine engine, String owner, int promptTokens, int tokens) {
        return submitted(engine, owner, promptTokens, tokens, new CountDownLatch(0));
    }

    private static Heard submitted(
            GenerationEngine engine, String owner, int promptTokens, int tokens, CountDownLatch hold) {
        Heard heard = new Heard();
        heard.owner = owner;
        heard.hold = hold;
        engine.submit(
                IntStream.range(0, promptTokens).map(i -> 5 + i % 100).toArray(), options(tokens, 0, 0, 1, 0), heard);
        return heard;
    }

    @Test
    void aFailingListenerEndsItsOwnTextOnly() throws IOException {
        try (GenerationEngine engine = load("llama", "fp32")) {
            Heard failing = new Heard();
            failing.failure = new IllegalStateException("disconnected");
            Heard other = new Heard();
            engine.submit(new int[] {5, 6}, options(50, 0, 0, 1, 0), failing);
            engine.submit(new int[] {5, 6}, options(50, 0, 0, 1, 0), other);
            other.await();
            failing.await();
            assertThat(other.generation.completionTokens()).isEqualTo(50);
            assertThat(failing.generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
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
    void closingFailsWhatIsNotDone() throws IOException {
        Heard heard = new Heard();
        try (GenerationEngine engine = load("llama", "fp32")) {
            heard.hold = new CountDownLatch(1);
            engine.submit(new int[] {5, 6}, options(100, 0, 0, 1, 0), heard);
            heard.awaitPiece();
            heard.hold.countDown();
        }
        assertThat(heard.cause != null || heard.generation.completionTokens() == 100)
                .isTrue();
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

    /** A listener that records what it hears. */
    private static final class Heard implements GenerationListener {
        private final List<String> pieces = new ArrayList<>();
        private final List<TokenScore> scores = new ArrayList<>();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch done = new CountDownLatch(1);
        private CountDownLatch hold = new CountDownLatch(0);
        private String owner = "";
        private volatile RuntimeException failure;
        private volatile RuntimeException cause;
        private volatile Generation generation;

        @Override
        public String owner() {
            return owner;
        }

        /** Returns what is before the slash. */
        @Override
        public String group() {
            return owner.replaceFirst("/.*", "");
        }

        @Override
        public void text(String piece, List<TokenScore> added) {
            pieces.add(piece);
            scores.addAll(added);
            begun.countDown();
            waitFor(hold);
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void ended(Generation ended) {
            generation = ended;
            done.countDown();
        }

        @Override
        public void failed(RuntimeException failed) {
            cause = failed;
            done.countDown();
        }

        void await() {
            waitFor(done);
        }

        void awaitPiece() {
            waitFor(begun);
        }

        private static void waitFor(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        String text() {
            return String.join("", pieces);
        }

        int[] ids() {
            return scores.stream().mapToInt(TokenScore::id).toArray();
        }
    }
}
