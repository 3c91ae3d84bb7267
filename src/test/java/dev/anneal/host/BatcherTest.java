package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.host.message.RunningSteps;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A batcher with a tiny classifier, which fails for a token that it does not have. The batches are recorded. */
@Timeout(60)
class BatcherTest {
    private static final int BUDGET = 30;

    @TempDir
    static Path directory;

    private static RunningSteps steps;

    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    private Predictor predictor;
    private Batcher batcher;

    @BeforeAll
    static void makeTheModel() throws IOException {
        TestModels.tiny(directory, "a", "b", "c");
        steps = RunningSteps.open(directory.resolve("steps"));
    }

    @BeforeEach
    void load() {
        predictor = Predictor.load(directory, "cpu");
        batcher = batcher(false);
    }

    private Batcher batcher(boolean isSeparate) {
        return new Batcher(
                (texts, cores) -> {
                    batches.add(texts.stream().map(BatcherTest::number).toList());
                    return predictor.scores(texts, cores);
                },
                watchdog(isSeparate),
                BUDGET,
                1);
    }

    private static Watchdog watchdog(boolean isSeparate) {
        return new Watchdog(new HostOutput(OutputStream.nullOutputStream()), steps, 600, isSeparate);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    @Test
    void eachTextHasTheScoresThatItHasAloneInTheOrderOfTheRequest() {
        List<Encoded> texts = List.of(text(9, 1), text(3, 2), text(25, 3), text(3, 4), text(12, 5));

        List<float[]> scores = joined(submit("me", texts));

        try (Predictor alone = Predictor.load(directory, "cpu")) {
            for (int i = 0; i < texts.size(); i++) {
                assertThat(scores.get(i))
                        .containsExactly(alone.scores(List.of(texts.get(i))).get(0), within(1e-5f));
            }
        }
        assertThat(scores.get(0)).isNotEqualTo(scores.get(1));
    }

    @Test
    void aBatchTakesAsManyTextsAsTheTokenBudgetAllows() throws InterruptedException {
        assertThat(batchesOf(List.of(text(10, 1), text(10, 2), text(10, 3), text(10, 4), text(10, 5))))
                .containsExactly(List.of(1, 2, 3), List.of(4, 5));
    }

    @Test
    void paddingCountsTowardsTheBudget() throws InterruptedException {
        assertThat(batchesOf(List.of(text(20, 1), text(5, 2), text(5, 3), text(20, 4), text(4, 5))))
                .as("a text of twenty tokens would pad those of five to twenty")
                .containsExactly(List.of(1), List.of(2, 3, 5), List.of(4));
    }

    @Test
    void aTextLongerThanTheBudgetIsABatchOfItsOwn() throws InterruptedException {
        assertThat(batchesOf(List.of(text(5, 1), text(BUDGET + 10, 2), text(5, 3))))
                .containsExactly(List.of(1, 3), List.of(2));
    }

    @Test
    void aTextFailsByItselfAndTheOthersOfItsBatchAreComputed() {
        List<CompletableFuture<float[]>> scores = submit("me", List.of(text(5, 1), faulty(5), text(5, 3)));

        assertThatThrownBy(scores.get(1)::join).isInstanceOf(CompletionException.class);
        assertThat(scores.get(0).join()).hasSize(3);
        assertThat(scores.get(2).join()).hasSize(3);
    }

    @Test
    void callersAreServedInTurn() throws InterruptedException {
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> many =
                submit("busy", IntStream.range(0, 40).mapToObj(i -> text(10, i)).toList());
        List<CompletableFuture<float[]>> one = submit("other", List.of(text(10, 99)));
        release.countDown();
        joined(many);
        joined(one);

        int place = IntStream.range(0, batches.size())
                .filter(i -> batches.get(i).contains(99))
                .findFirst()
                .orElseThrow();
        assertThat(place)
                .as("after the batch of the held text and one of the other caller")
                .isLessThanOrEqualTo(2);
    }

    @Test
    void textsOfSeveralCallersShareABatchUnlessTheyMustBeSeparate() throws InterruptedException {
        assertThat(batchesOfTwoCallers()).containsExactly(List.of(1, 2, 3));

        batcher = batcher(true);

        assertThat(batchesOfTwoCallers()).containsExactly(List.of(1, 2), List.of(3));
    }

    private List<List<Integer>> batchesOfTwoCallers() throws InterruptedException {
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> submitted = new ArrayList<>(submit("one", List.of(text(5, 1), text(5, 2))));
        submitted.addAll(submit("two", List.of(text(5, 3))));
        batches.clear();
        release.countDown();
        joined(submitted);
        return List.copyOf(batches);
    }

    @Test
    void theCallsOfABatchAreRecordedWhileItIsComputed() {
        List<List<Long>> recorded = Collections.synchronizedList(new ArrayList<>());
        batcher = new Batcher(
                (texts, cores) -> {
                    recorded.add(steps.calls());
                    return predictor.scores(texts, cores);
                },
                watchdog(false),
                BUDGET,
                1);

        joined(submit("me", List.of(text(5, 1))));

        assertThat(recorded).containsExactly(List.of(1L));
        assertThat(steps.calls()).isEmpty();
    }

    @Test
    void eachCoreComputesABatchOfItsOwn() {
        CountDownLatch computing = new CountDownLatch(2);
        batcher = new Batcher(
                (texts, cores) -> {
                    computing.countDown();
                    try {
                        if (!computing.await(30, TimeUnit.SECONDS)) {
                            throw new IllegalStateException("nothing else is computed");
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return predictor.scores(texts, cores);
                },
                watchdog(false),
                BUDGET,
                2);

        assertThat(joined(submit("me", List.of(text(BUDGET, 1), text(BUDGET, 2)))))
                .hasSize(2);
    }

    @Test
    void aTextWhoseCallIsCancelledIsNotComputed() throws InterruptedException {
        CountDownLatch release = hold();
        CompletableFuture<Throwable> cancelled = new CompletableFuture<>();
        batcher.submit(
                "me",
                List.of(new Batcher.Waiting(1, text(5, 1), () -> true, (scores, fault) -> cancelled.complete(fault))));
        batches.clear();
        release.countDown();

        assertThat(cancelled.join()).isInstanceOf(CancellationException.class);
        assertThat(batches).isEmpty();
    }

    /** Submits texts at once and returns the batches that they were computed in. */
    private List<List<Integer>> batchesOf(List<Encoded> texts) throws InterruptedException {
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> submitted = submit("me", texts);
        batches.clear();
        release.countDown();
        joined(submitted);
        return batches;
    }

    /** Stops the batcher's thread after a first text until the latch is counted down. */
    private CountDownLatch hold() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        batcher.submit("me", List.of(new Batcher.Waiting(1, text(4, 0), () -> false, (scores, fault) -> {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })));
        held.await();
        return release;
    }

    private List<CompletableFuture<float[]>> submit(String caller, List<Encoded> texts) {
        List<CompletableFuture<float[]>> results = new ArrayList<>();
        List<Batcher.Waiting> waiting = new ArrayList<>();
        for (Encoded text : texts) {
            CompletableFuture<float[]> result = new CompletableFuture<>();
            results.add(result);
            waiting.add(new Batcher.Waiting(1, text, () -> false, (scores, fault) -> {
                if (fault == null) {
                    result.complete(scores);
                } else {
                    result.completeExceptionally(fault);
                }
            }));
        }
        batcher.submit(caller, waiting);
        return results;
    }

    private static List<float[]> joined(List<CompletableFuture<float[]>> scores) {
        return scores.stream().map(CompletableFuture::join).toList();
    }

    /** A text of so many tokens; its number makes it different from others. */
    private static Encoded text(int length, int number) {
        int[] ids = new int[length];
        Arrays.fill(ids, 2000 + number);
        return new Encoded(ids, null);
    }

    private static int number(Encoded text) {
        return text.ids()[0] - 2000;
    }

    private static Encoded faulty(int length) {
        int[] ids = new int[length];
        Arrays.fill(ids, 1_000_000);
        return new Encoded(ids, null);
    }
}
