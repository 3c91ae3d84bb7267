package dev.anneal.inference;

import dev.anneal.json.Json;
import dev.anneal.transformer.generate.Generation.FinishReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Sends generated text as server-sent events. Each method throws {@link UncheckedIOException} if the client has disconnected. */
final class TokenEvents {
    record Done(String model, FinishReason finishReason, GenerateAnswer.Usage usage, long seed) {}

    private final SseEmitter emitter = new SseEmitter(0L);

    SseEmitter emitter() {
        return emitter;
    }

    void text(String piece) {
        send("token", Map.of("text", piece));
    }

    void done(GenerateAnswer answer) {
        send("done", new Done(answer.model(), answer.finishReason(), answer.usage(), answer.seed()));
        emitter.complete();
    }

    /** Sends an error that occurred after the answer had begun. */
    void error(String code, String detail) {
        send("error", Map.of("code", code, "detail", detail));
        emitter.complete();
    }

    private void send(String event, Object data) {
        try {
            emitter.send(SseEmitter.event().name(event).data(Json.write(data)));
        } catch (IOException disconnected) {
            throw new UncheckedIOException(disconnected);
        } catch (IllegalStateException completed) { // the container noticed first that the client has disconnected
            throw new UncheckedIOException(new IOException(completed));
        }
    }
}
