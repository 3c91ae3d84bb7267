package dev.anneal.inference;

import dev.anneal.json.Json;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends generated text as server-sent events, in order and in other threads, so that a client that reads slowly delays nobody
 * else. What waits for it is bounded by the number of tokens of its text.
 */
final class TokenEvents {
    record Done(String model, String finishReason, GenerateAnswer.Usage usage, long seed) {}

    private interface Sending {
        void run() throws IOException;
    }

    private final SseEmitter emitter = new SseEmitter(0L);
    private final Executor threads;
    private final Runnable onDisconnect;
    private final Deque<Sending> waiting = new ArrayDeque<>();
    private boolean isSending;
    private boolean isDisconnected;

    TokenEvents(Executor threads, Runnable onDisconnect) {
        this.threads = threads;
        this.onDisconnect = onDisconnect;
        emitter.onError(disconnected -> disconnect());
    }

    SseEmitter emitter() {
        return emitter;
    }

    void text(String piece) {
        enqueue(() -> send("token", Map.of("text", piece)));
    }

    void done(GenerateAnswer answer) {
        enqueue(() -> {
            send("done", new Done(answer.model(), answer.finishReason(), answer.usage(), answer.seed()));
            emitter.complete();
        });
    }

    /** Sends an error that occurred after the answer had begun. */
    void error(String code, String detail) {
        enqueue(() -> {
            send("error", Map.of("code", code, "detail", detail));
            emitter.complete();
        });
    }

    private synchronized void enqueue(Sending sending) {
        if (isDisconnected) {
            return;
        }
        waiting.add(sending);
        if (!isSending) {
            isSending = true;
            try {
                threads.execute(this::sendAll);
            } catch (RejectedExecutionException shuttingDown) {
                isDisconnected = true;
            }
        }
    }

    private void sendAll() {
        while (true) {
            Sending next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    isSending = false;
                    return;
                }
            }
            try {
                next.run();
            } catch (IOException | RuntimeException disconnected) { // the container may notice it first
                disconnect();
                return;
            }
        }
    }

    private void disconnect() {
        synchronized (this) {
            if (isDisconnected) {
                return;
            }
            isDisconnected = true;
            waiting.clear();
            isSending = false;
        }
        onDisconnect.run();
    }

    private void send(String event, Object data) throws IOException {
        emitter.send(SseEmitter.event().name(event).data(Json.write(data)));
    }
}
