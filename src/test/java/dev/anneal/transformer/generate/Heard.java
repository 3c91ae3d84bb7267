package dev.anneal.transformer.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A listener that records what it hears. */
final class Heard implements GenerationListener {
    final List<String> pieces = new ArrayList<>();
    final List<TokenScore> scores = new ArrayList<>();
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch done = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(0);
    String owner = "";
    volatile RuntimeException failure;
    volatile RuntimeException cause;
    volatile Generation generation;

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
