package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage.Scored;
import dev.anneal.hosting.UnreadAnswers;
import dev.anneal.hosting.exchange.Exchange;
import dev.anneal.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends generated text as server-sent events, in order and in other threads, so that a client that reads slowly delays nobody
 * else. What waits for it is bounded with the other answers of its caller; beyond that, the stream ends.
 */
final class TokenEvents {
    /** The memory of an event beside its bytes. */
    private static final int OVERHEAD = 100;

    record Done(
            String model,
            String finishReason,
            GenerateAnswer.Usage usage,
            long seed,
            @Nullable List<Scored> logprobs) {}

    /** Some bytes to send, the room that was reserved for them, and whether the stream ends with them. */
    private record Part(byte[] bytes, int room, boolean isLast) {}

    private final Exchange exchange;
    private final Executor threads;
    private final Deque<Part> waiting = new ArrayDeque<>();
    private boolean hasBegun;
    private boolean isSending;
    private boolean isGivenUp;

    TokenEvents(Exchange exchange, Executor threads) {
        this.exchange = exchange;
        this.threads = threads;
    }

    /** Returns whether anything was sent. Until then, a refusal is an ordinary answer. */
    synchronized boolean hasBegun() {
        return hasBegun;
    }

    void text(String piece) {
        bounded(event("token", Map.of("text", piece)), false);
    }

    void done(GenerateAnswer answer) {
        Done done = new Done(answer.model(), answer.finishReason(), answer.usage(), answer.seed(), answer.logprobs());
        byte[] event = event("done", done);
        if (answer.logprobs() == null) {
            enqueue(new Part(event, 0, true));
        } else {
            bounded(event, true);
        }
    }

    /** Sends an event if there is room for it. */
    private void bounded(byte[] event, boolean isLast) {
        int room = event.length + OVERHEAD;
        if (exchange.reserve(room)) {
            enqueue(new Part(event, room, isLast));
        } else {
            giveUp();
        }
    }

    /** Sends an error that occurred after the answer had begun. */
    void error(String code, String detail) {
        enqueue(new Part(event("error", Map.of("code", code, "detail", detail)), 0, true));
    }

    private static byte[] event(String name, Object data) {
        return ("event:" + name + "\ndata:" + Json.write(data) + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private synchronized void enqueue(Part part) {
        if (isGivenUp) {
            exchange.release(part.room);
            return;
        }
        waiting.add(part);
        if (!isSending) {
            isSending = true;
            boolean begins = !hasBegun;
            hasBegun = true;
            try {
                threads.execute(() -> {
                    if (begins) {
                        exchange.begin();
                    }
                    sendAll();
                });
            } catch (RejectedExecutionException shuttingDown) {
                forgetWaiting();
            }
        }
    }

    private void giveUp() {
        boolean begun;
        synchronized (this) {
            isGivenUp = true;
            forgetWaiting();
            begun = hasBegun;
        }
        if (begun) {
            exchange.giveUp();
        } else {
            exchange.refuse(UnreadAnswers.tooMany());
        }
    }

    private synchronized void forgetWaiting() {
        waiting.forEach(part -> exchange.release(part.room));
        waiting.clear();
    }

    private void sendAll() {
        while (true) {
            Part next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    isSending = false;
                    return;
                }
            }
            exchange.send(next.bytes);
            exchange.release(next.room);
            if (next.isLast) {
                exchange.complete();
            }
        }
    }
}
