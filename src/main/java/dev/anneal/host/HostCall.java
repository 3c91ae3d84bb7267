package dev.anneal.host;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostRequest;
import dev.anneal.json.Json;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.OutOfMemory;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A call that this process answers: once, with a result or an error, after any pieces of text. */
final class HostCall {
    private static final String LOWER =
            "Send shorter texts. An operator can lower anneal.inference.token-budget, max-generations, cache-tokens or max-models.";

    private static final String TOO_LARGE =
            "The answer would have more than %,d bytes. Ask for less in one request.".formatted(HostAnswer.MAX_BYTES);

    private final long id;
    private final String caller;
    private final String device;
    private final String key;
    private final HostOutput output;
    private final Watchdog watchdog;
    private final Runnable onEnd;
    private final AtomicBoolean ended = new AtomicBoolean();
    private boolean cancelled;
    private @Nullable Runnable onCancel;

    HostCall(HostRequest request, String device, HostOutput output, Watchdog watchdog, Runnable onEnd) {
        this.id = request.id();
        this.caller = request.caller();
        this.key = request.key();
        this.device = device;
        this.output = output;
        this.watchdog = watchdog;
        this.onEnd = onEnd;
    }

    long id() {
        return id;
    }

    String caller() {
        return caller;
    }

    String key() {
        return key;
    }

    /** Notes that nobody waits for the answer any longer. */
    synchronized void cancel() {
        cancelled = true;
        if (onCancel != null) {
            onCancel.run();
        }
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Throws if nobody waits for the answer any longer. {@link #fail(Throwable)} tells the server. */
    void stopIfCancelled() {
        if (isCancelled()) {
            throw new CancellationException();
        }
    }

    /** Sets what stops the work on the call; it runs at once if the call is cancelled already. */
    synchronized void onCancel(Runnable stop) {
        onCancel = stop;
        if (cancelled) {
            stop.run();
        }
    }

    void piece(String text) {
        if (!isCancelled()) {
            output.write(HostAnswer.piece(id, text));
        }
    }

    void succeed(Object result) {
        // A large answer takes memory, so it is a step, too. If it cannot be written, the call can still fail with the
        // reason.
        AnswerBytes line = watchdog.within(
                "write the answer", this, () -> AnswerBytes.of(HostAnswer.result(id, Json.MAPPER.valueToTree(result))));
        if (line.isTooLong()) {
            fail("answer_too_large", 422, TOO_LARGE);
        } else {
            end(line);
        }
    }

    void fail(String code, int status, String message) {
        end(AnswerBytes.of(HostAnswer.error(id, new HostAnswer.Failure(code, status, message))));
    }

    /** Fails the call with what went wrong while the model was computed. */
    void fail(Throwable fault) {
        if (fault instanceof CancellationException) {
            fail("cancelled", 503, "The client has disconnected.");
        } else if (fault instanceof ModelException) {
            fail("model_failed", 422, HostCall.sentence(fault.getMessage()));
        } else {
            fault.printStackTrace();
            String full = OutOfMemory.on(device, fault);
            String reason = full == null ? HostCall.sentence(lastLine(fault)) : full + ". " + LOWER;
            fail("model_failed", 422, "The model cannot compute this: " + reason);
        }
    }

    private void end(AnswerBytes line) {
        if (ended.compareAndSet(false, true)) {
            onEnd.run();
            output.write(line);
        }
    }

    /** Returns the last line of a message: for an error in a program, libtorch puts the call chain before what went wrong. */
    private static String lastLine(Throwable fault) {
        return String.valueOf(fault.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((first, last) -> last)
                .orElse(fault.toString())
                .strip();
    }

    /** Returns a message as a sentence; a file name at its start stays as it is. */
    static String sentence(@Nullable String message) {
        String text = message == null || message.isBlank() ? "No reason is known" : message.strip();
        boolean isWord = text.matches("(?s)[a-z]+[ ,].*");
        String start = isWord ? Character.toUpperCase(text.charAt(0)) + text.substring(1) : text;
        return start.endsWith(".") ? start : start + ".";
    }
}
