package dev.anneal.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which texts of an engine run together, and which wait. */
class GenerationTurnsTest extends GoldenEngines {
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
                GenerationEngine.load(directory("llama"), "cpu", "fp32", null, limits, noting(begun, true))) {
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
                GenerationEngine.load(directory("llama"), "cpu", "fp32", null, limits, noting(begun, true))) {
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
                GenerationEngine.load(directory, "cpu", "fp32", null, limits, noting(computed, false))) {
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
        try (GenerationEngine engine = GenerationEngine.load(directory("llama"), "cpu", "fp32", null, limits, runner)) {
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
}
