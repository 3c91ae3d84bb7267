package dev.anneal.inference;

import dev.anneal.json.Json;
import dev.anneal.transformer.generate.Generation.FinishReason;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.MediaType;

/** Sends generated text as server-sent events, in the thread that generates it. Generation stops if the client disconnects. */
final class TokenEvents {
    record Done(String model, FinishReason finishReason, GenerateAnswer.Usage usage, long seed) {}

    private final HttpServletResponse response;

    TokenEvents(HttpServletResponse response) {
        this.response = response;
    }

    void start() {
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no");
        try {
            response.flushBuffer();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    void text(String piece) {
        send("token", Map.of("text", piece));
    }

    void done(GenerateAnswer answer) {
        send("done", new Done(answer.model(), answer.finishReason(), answer.usage(), answer.seed()));
    }

    /** Sends an error that occurred after the answer had begun. */
    void error(String code, String detail) {
        send("error", Map.of("code", code, "detail", detail));
    }

    private void send(String event, Object data) {
        try {
            byte[] bytes =
                    ("event: " + event + "\ndata: " + Json.write(data) + "\n\n").getBytes(StandardCharsets.UTF_8);
            response.getOutputStream().write(bytes);
            response.flushBuffer();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
