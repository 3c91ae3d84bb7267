package dev.anneal.inference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Sends generated text as server-sent events, in order and in other threads, so that a client that reads slowly delays nobody
 * else. What waits for it is bounded by the number of tokens of its text.
 */
final class TokenEvents {
    record Done(String model, String finishReason, GenerateAnswer.Usage usage, long seed) {}

    private final Exchange exchange;
    private final Executor threads;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean hasBegun;
    private boolean isSending;

    TokenEvents(Exchange exchange, Executor threads) {
        this.exchange = exchange;
        this.threads = threads;
    }

    /** Returns whether anything was sent. Until then, a refusal is an ordinary answer. */
    synchronized boolean hasBegun() {
        return hasBegun;
    }

    void text(String piece) {
        enqueue(() -> exchange.event("token", Map.of("text", piece)));
    }

    void done(GenerateAnswer answer) {
        enqueue(() -> {
            exchange.event("done", new Done(answer.model(), answer.finishReason(), answer.usage(), answer.seed()));
            exchange.complete();
        });
    }

    /** Sends an error that occurred after the answer had begun. */
    void error(String code, String detail) {
        enqueue(() -> {
            exchange.event("error", Map.of("code", code, "detail", detail));
            exchange.complete();
        });
    }

    private synchronized void enqueue(Runnable sending) {
        if (!hasBegun) {
            hasBegun = true;
            waiting.add(exchange::begin);
        }
        waiting.add(sending);
        if (!isSending) {
            isSending = true;
            try {
                threads.execute(this::sendAll);
            } catch (RejectedExecutionException shuttingDown) {
                waiting.clear();
            }
        }
    }

    private void sendAll() {
        while (true) {
            Runnable next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    isSending = false;
                    return;
                }
            }
            next.run();
        }
    }
}
