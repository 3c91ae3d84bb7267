package dev.anneal.hosting;

import dev.anneal.child.ExitReason;
import dev.anneal.child.OutputTail;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.Metrics;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/**
 * A model host that runs. Two threads write calls and read answers, so that no caller waits on a process that
 * does not read. If the process ends, the calls in progress fail.
 */
final class HostProcess {
    private static final Logger log = LoggerFactory.getLogger(HostProcess.class);
    private static final Line END = new Line("");

    /** The exit code of a JVM with ExitOnOutOfMemoryError. */
    private static final int OUT_OF_HEAP = 3;

    /** The signs of life come once a second, or somewhat later on a busy machine. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    /**
     * The end of a host: whether a step took too long, the reason in words, and the callers whose calls it computed, with
     * {@link Crashes#ALL} if it loaded its model.
     */
    record Ended(boolean timedOut, String reason, Set<String> callers) {}

    private record Call(String caller, CompletableFuture<JsonNode> answer, Consumer<String> onPiece) {}

    /** A line that waits to be written, unless its call is cancelled before. */
    private static final class Line {
        private final AtomicReference<@Nullable String> text;

        Line(String text) {
            this.text = new AtomicReference<>(text);
        }

        /** Returns the text once; then null. */
        @Nullable
        String take() {
            return text.getAndSet(null);
        }
    }

    private final String model;
    private final Process process;
    private final RunningSteps steps;
    private final OutputTail errors;
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final BlockingQueue<Line> outbox = new LinkedBlockingQueue<>();
    private final AtomicLong ids = new AtomicLong();
    private final Consumer<HostAnswer.Loaded> onLoad;
    private final Consumer<Ended> onEnd;
    private volatile long lastSign = System.nanoTime();
    private volatile boolean isStarted;
    private volatile HostAnswer.@Nullable Stalled stalled;
    private volatile @Nullable String endedBecause;
    private volatile boolean closed;
    private boolean ended;

    /**
     * @param steps of the process
     * @param onLoad is called when the model can predict or generate
     * @param onEnd is called once if the process ends by itself, before its calls fail
     */
    HostProcess(
            String model,
            Process process,
            RunningSteps steps,
            Consumer<HostAnswer.Loaded> onLoad,
            Consumer<Ended> onEnd) {
        this.model = model;
        this.process = process;
        this.steps = steps;
        this.onLoad = onLoad;
        this.onEnd = onEnd;
        this.errors = new OutputTail(process.getErrorStream(), "host-log");
        thread("host-write", this::write);
        thread("host-read", this::read);
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    long pid() {
        return process.pid();
    }

    /**
     * Sends a call. The future completes with the result, or exceptionally with a {@link Problem}. Returns null if the process
     * has ended.
     */
    @Nullable
    CompletableFuture<JsonNode> call(String call, String caller, String key, Object body, Consumer<String> onPiece) {
        long id = ids.incrementAndGet();
        Line line = new Line(Json.write(new HostRequest(id, call, caller, key, Json.MAPPER.valueToTree(body))));
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answer.whenComplete((result, failure) -> {
            if (answer.isCancelled()) {
                cancel(id, line, caller, key);
            }
        });
        synchronized (this) {
            if (ended || !process.isAlive()) {
                return null;
            }
            if (calls.isEmpty()) {
                lastSign = System.nanoTime();
            }
            calls.put(id, new Call(caller, answer, onPiece));
        }
        outbox.add(line);
        return answer;
    }

    /** Takes a call back if the host has not begun to read it, else tells the host that nobody waits for the answer. */
    private void cancel(long id, Line line, String caller, String key) {
        if (line.take() != null) {
            calls.remove(id);
        } else if (calls.containsKey(id)) { // until the host answers it: a step of it may still run, and end the host
            outbox.add(
                    new Line(Json.write(new HostRequest(id, HostRequest.CANCEL, caller, key, Json.MAPPER.nullNode()))));
        }
    }

    private void write() {
        try (BufferedWriter out = new BufferedWriter(
                new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), 1 << 16)) {
            for (Line line = outbox.take(); line != END; line = outbox.take()) {
                String text = line.take();
                if (text != null) {
                    out.write(text);
                    out.write('\n');
                }
                if (outbox.isEmpty()) {
                    out.flush();
                }
            }
        } catch (IOException | InterruptedException ended) {
            // the reader notices that the process has ended
        }
    }

    private void read() {
        try (HostLines lines = new HostLines(process.getInputStream())) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (line.length > 0 && line[0] == '{') { // native libraries may write to standard output, too
                    receive(Json.MAPPER.readValue(line, HostAnswer.class));
                }
            }
        } catch (HostLines.TooLong tooLong) {
            endedBecause = tooLong.getMessage();
        } catch (IOException ended) {
            // as the end of the output
        } catch (RuntimeException notOurProtocol) {
            log.error("the host of {} wrote what cannot be read", model, notOurProtocol);
        } finally {
            end();
        }
    }

    private void receive(HostAnswer line) {
        lastSign = System.nanoTime();
        isStarted = true;
        if (line.stalled() != null) {
            stalled = line.stalled();
            return;
        }
        if (line.loaded() != null) {
            log.info(
                    "the host of {} computes in {}; the largest difference of bf16 from fp32 in its check is {}",
                    model,
                    line.loaded().precision(),
                    line.loaded().difference());
            onLoad.accept(line.loaded());
            return;
        }
        if (line.computed() != null) {
            Metrics.counter("anneal.inference.batches")
                    .increment(line.computed().batches());
            Metrics.counter("anneal.inference.batch.texts")
                    .increment(line.computed().texts());
            Metrics.counter("anneal.inference.batch.seconds")
                    .increment(line.computed().seconds());
            return;
        }
        if (line.piece() != null) {
            Call call = calls.get(line.id());
            if (call != null) {
                call.onPiece().accept(line.piece());
            }
            return;
        }
        if (line.result() == null && line.error() == null) {
            return;
        }
        Call call = calls.remove(line.id());
        if (call != null && line.error() != null) {
            call.answer().completeExceptionally(problem(line.error()));
        } else if (call != null) {
            call.answer().complete(line.result());
        }
    }

    private static Problem problem(HostAnswer.Failure failure) {
        HttpStatus status = HttpStatus.resolve(failure.status());
        return new Problem(
                status == null ? HttpStatus.UNPROCESSABLE_CONTENT : status, failure.code(), failure.message());
    }

    private void end() {
        process.destroyForcibly();
        Map<Long, Call> lost;
        synchronized (this) {
            ended = true;
            lost = Map.copyOf(calls);
            calls.clear();
        }
        outbox.add(END);
        String reason = reason();
        Problem problem = closed ? unloaded() : HostPool.ended(model, stalled != null, reason);
        if (!closed) {
            log.error("the host of {} ended with {} calls in progress: {}", model, lost.size(), reason);
            errors.lines().forEach(line -> log.warn("the host of {} wrote: {}", model, line));
            onEnd.accept(ended(reason, lost));
        }
        // The crash is counted by now, so a caller that repeats the call at once cannot avoid the limit.
        lost.values().forEach(call -> call.answer().completeExceptionally(problem));
    }

    private Ended ended(String reason, Map<Long, Call> lost) {
        HostAnswer.Stalled known = stalled;
        List<Long> computed = known != null && !known.calls().isEmpty() ? known.calls() : steps.calls();
        Set<String> callers = computed.stream()
                .map(lost::get)
                .filter(Objects::nonNull)
                .map(Call::caller)
                .collect(Collectors.toSet());
        if (computed.contains(RunningSteps.LOADING)) {
            callers.add(Crashes.ALL);
        }
        return new Ended(known != null, reason, callers);
    }

    static Problem unloaded() {
        return new Problem(HttpStatus.SERVICE_UNAVAILABLE, "model_unloaded", "The model was unloaded. Try again.");
    }

    private String reason() {
        HostAnswer.Stalled known = stalled;
        if (known != null) {
            return known.step();
        }
        String because = endedBecause;
        if (because != null) {
            return because;
        }
        try {
            int exit = process.waitFor();
            errors.whole(); // for the log
            return exit == OUT_OF_HEAP
                    ? "Its Java heap was too small for the texts that it computed (anneal.inference.heap)."
                    : ExitReason.of(exit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "The server is shutting down.";
        }
    }

    /** Ends the process if calls wait and it has shown no sign of life for too long. */
    void endIfSilent(Duration whileStarting, Duration afterwards) {
        Duration limit = isStarted ? afterwards : whileStarting;
        if (!calls.isEmpty()
                && System.nanoTime() - lastSign > limit.plus(MARGIN).toNanos()) {
            stalled = new HostAnswer.Stalled(
                    "It gave no sign of life for more than %d s.".formatted(limit.toSeconds()), List.of());
            process.destroyForcibly();
        }
    }

    /** Ends the process because it does harm. This counts as a crash. */
    void end(String reason) {
        endedBecause = reason;
        process.destroyForcibly();
    }

    /** Ends the process on purpose. Its memory is free at once. */
    void close() {
        closed = true;
        process.destroyForcibly();
    }
}
