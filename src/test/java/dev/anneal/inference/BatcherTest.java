package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.tokenizer.Encoded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A batcher with a tiny classifier. A text with a token that the model does not have fails, and with it all texts of its
 * batch: so a test sees which texts shared a batch.
 */
class BatcherTest {
    private static final int BUDGET = 30;
    private static final int MAX_WAITING = 8;

    @TempDir
    static Path directory;

    private Predictor predictor;
    private Batcher batcher;

    @BeforeAll
    static void makeTheModel() throws IOException {
        TestModels.tiny(directory, "a", "b", "c");
    }

    @BeforeEach
    void load() {
        predictor = Predictor.load(directory, "cpu");
        batcher = new Batcher("test", predictor, BUDGET, MAX_WAITING);
    }

    @AfterEach
    void close() {
        batcher.close();
    }

    @Test
    void eachTextHasTheScoresThatItHasAloneInTheOrderOfTheRequest() {
        List<Encoded> texts = List.of(text(9, 1), text(3, 2), text(25, 3), text(3, 4), text(12, 5));

        List<CompletableFuture<float[]>> scores = batcher.submit(texts);

        scores.forEach(CompletableFuture::join);
        try (Predictor alone = Predictor.load(directory, "cpu")) {
            for (int i = 0; i < texts.size(); i++) {
                assertThat(scores.get(i).join())
                        .containsExactly(alone.scores(List.of(texts.get(i))).get(0), within(1e-5f));
            }
        }
    }

    @Test
    void requestsAtTheSameTimeEachGetTheirOwnScores() {
        List<float[]> alone = IntStream.range(0, 6)
                .mapToObj(i -> batcher.submit(List.of(text(5, i))).get(0).join())
                .toList();

        List<CompletableFuture<List<float[]>>> together = IntStream.range(0, 6)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> joined(batcher.submit(List.of(text(5, i))))))
                .toList();

        for (int i = 0; i < 6; i++) {
            assertThat(together.get(i).join().get(0)).containsExactly(alone.get(i), within(1e-5f));
        }
        assertThat(alone.get(0)).isNotEqualTo(alone.get(1));
    }

    @Test
    void aBatchTakesAsManyTextsAsTheTokenBudgetAllows() {
        assertThat(failed(text(10, 1), text(10, 2), text(10, 3), text(10, 4), faulty(10), text(10, 6), text(10, 7)))
                .as("three texts of ten tokens make a batch of thirty")
                .containsExactly(3, 4, 5);
    }

    @Test
    void paddingCountsTowardsTheBudget() {
        assertThat(failed(text(20, 1), text(5, 2), faulty(5), text(20, 4), text(4, 5)))
                .as("a text of twenty tokens would pad those of five to twenty")
                .containsExactly(1, 2, 4);
    }

    @Test
    void aTextLongerThanTheBudgetIsABatchOfItsOwn() {
        assertThat(failed(text(5, 1), faulty(BUDGET + 10), text(5, 3))).containsExactly(1);
        assertThat(failed(text(5, 1), text(BUDGET + 10, 2), faulty(5))).containsExactly(0, 2);
    }

    @Test
    void anErrorReachesTheTextsOfItsBatchAndTheNextRequestIsComputed() {
        CompletableFuture<float[]> faulty = batcher.submit(List.of(faulty(5))).get(0);

        assertThatThrownBy(faulty::join).isInstanceOf(CompletionException.class);
        assertThat(batcher.submit(List.of(text(5, 1))).get(0).join()).hasSize(3);
    }

    @Test
    void aRequestIsQueuedWholeOrRefusedWhole() throws InterruptedException {
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> first = batcher.submit(texts(MAX_WAITING - 1));

        assertThat(batcher.waiting()).isEqualTo(MAX_WAITING - 1);
        assertThat(batcher.submit(texts(2))).as("room for one").isNull();
        assertThat(batcher.waiting()).isEqualTo(MAX_WAITING - 1);
        List<CompletableFuture<float[]>> last = batcher.submit(texts(1));
        release.countDown();

        assertThat(joined(first)).hasSize(MAX_WAITING - 1);
        assertThat(joined(last)).hasSize(1);
    }

    @Test
    void anEmptyQueueTakesARequestOfAnySize() throws InterruptedException {
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> large = batcher.submit(texts(3 * MAX_WAITING));
        release.countDown();

        assertThat(joined(large)).hasSize(3 * MAX_WAITING);
        assertThat(batcher.waiting()).isZero();
    }

    @Test
    void whatWasSubmittedBeforeTheCloseIsComputedAndThenTheModelLeavesTheMemory() throws InterruptedException {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        synchronized (batcher) {
            batcher.submit(texts(1)).get(0).thenRun(() -> thread.complete(Thread.currentThread()));
        }
        CountDownLatch release = hold();
        List<CompletableFuture<float[]>> submitted = batcher.submit(texts(5));
        batcher.close();

        assertThatThrownBy(() -> batcher.submit(texts(1))).isInstanceOf(IllegalStateException.class);
        release.countDown();
        assertThat(joined(submitted)).hasSize(5);
        thread.join().join();
        assertThatThrownBy(() -> predictor.scores(texts(1))).isInstanceOf(RuntimeException.class);
    }

    /** Stops the batcher's thread in the callback of a first text until the latch is counted down. */
    private CountDownLatch hold() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        synchronized (batcher) { // its thread cannot take the text before the callback is there
            batcher.submit(texts(1)).get(0).thenRun(() -> {
                held.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        held.await();
        return release;
    }

    /** Submits the texts in one request and returns the places of those that failed. */
    private List<Integer> failed(Encoded... texts) {
        List<CompletableFuture<float[]>> scores = batcher.submit(List.of(texts));
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            if (scores.get(i).handle((found, fault) -> fault != null).join()) {
                failed.add(i);
            }
        }
        return failed;
    }

    private static List<float[]> joined(List<CompletableFuture<float[]>> scores) {
        return scores.stream().map(CompletableFuture::join).toList();
    }

    private static List<Encoded> texts(int count) {
        return IntStream.range(0, count).mapToObj(i -> text(4, i)).toList();
    }

    /** A text of so many tokens; its number makes it different from others. */
    private static Encoded text(int length, int number) {
        int[] ids = new int[length];
        Arrays.fill(ids, 2000 + number);
        return new Encoded(ids, null);
    }

    private static Encoded faulty(int length) {
        int[] ids = new int[length];
        Arrays.fill(ids, 1_000_000);
        return new Encoded(ids, null);
    }
}
