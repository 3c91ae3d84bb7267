package dev.anneal.inference;

import dev.anneal.transformer.generate.TextGenerator;
import dev.anneal.web.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.springframework.http.HttpStatus;

/** A loaded model that generates text: for a few requests at once, each in its own thread, while more wait in order. */
final class Generator implements ServedModel {
    private final TextGenerator texts;
    private final Semaphore turns;
    private final int maxWaiting;
    private final AtomicInteger waiting = new AtomicInteger();

    Generator(TextGenerator texts, int atOnce, int maxWaiting) {
        this.texts = texts;
        this.turns = new Semaphore(atOnce, true);
        this.maxWaiting = maxWaiting;
    }

    TextGenerator texts() {
        return texts;
    }

    @Override
    public int waiting() {
        return waiting.get();
    }

    /** Runs the work when its turn comes, or refuses it if too many requests wait already. */
    <T> T inTurn(Function<TextGenerator, T> work) {
        if (!turns.tryAcquire()) {
            await();
        }
        try {
            return work.apply(texts);
        } finally {
            turns.release();
        }
    }

    private void await() {
        try {
            if (waiting.incrementAndGet() > maxWaiting) {
                throw busy("Too many requests are waiting for this model. Try again later.");
            }
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy("The server is shutting down. Try again later.");
        } finally {
            waiting.decrementAndGet();
        }
    }

    private static Problem busy(String detail) {
        return new Problem(HttpStatus.TOO_MANY_REQUESTS, "too_busy", detail);
    }

    @Override
    public void close() {
        texts.close();
    }
}
