package dev.anneal.hosting;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.ProcessMemory;
import dev.anneal.child.TorchSettings;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.log.LoggingScheduler;
import dev.anneal.log.OutOfMemory;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.model.ServedModel;
import dev.anneal.model.Serving;
import dev.anneal.model.ServingReport;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * The model hosts of this server. A host is started when its model is first called, and ended when another model needs its place
 * or its memory; the one that was used longest ago goes first. No thread waits for a host.
 */
@Component
public class HostPool implements ServingReport, DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(HostPool.class);
    private static final String MAIN = "dev.anneal.host.ModelHost";

    /** Nothing of the JVM's own goes to standard output, and crashes leave no files. */
    private static final List<String> JVM_FLAGS = List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:ErrorFile=/dev/null",
            "-XX:-CreateCoredumpOnCrash");

    /** The memory of a host without weights: the JVM, libtorch and the arrays of a batch. */
    private static final long BASE_BYTES = 400L << 20;

    /** The memory of a parameter: in fp32, and in bf16 for the computation. */
    private static final long PARAMETER_BYTES = 6;

    /** The most models of which it is known how they were computed. */
    private static final int REMEMBERED = 10_000;

    private static final class Host {
        final CompletableFuture<HostProcess> process;
        /** True if it computes the calls of each caller separately. */
        final boolean isSeparate;

        volatile long expectedBytes;
        int calls;
        /** The number of calls in progress of each project that has some. */
        final Map<String, Integer> callers = new HashMap<>();
        /** True once it has lost its place: it ends after its last call. */
        boolean removed;

        Host(CompletableFuture<HostProcess> process, long expectedBytes, boolean isSeparate) {
            this.process = process;
            this.isSeparate = isSeparate;
            this.expectedBytes = expectedBytes;
        }

        @Nullable
        HostProcess ifStarted() {
            return process.isDone() && !process.isCompletedExceptionally() ? process.join() : null;
        }

        /** Returns the memory that it takes, or will take. */
        long bytes() {
            HostProcess started = ifStarted();
            return Math.max(expectedBytes, started == null ? 0 : ProcessMemory.of(started.pid()));
        }
    }

    private final ArtifactStore store;
    private final ChildJvm children;
    private final DataDirectory data;
    private final HostSettings settings;
    private final MeterRegistry meters;
    private final Timer starts;
    private final Crashes crashes = new Crashes(System::nanoTime);
    /** The hosts by model id, the one used longest ago first. Guarded by this. */
    private final Map<String, Host> hosts = new LinkedHashMap<>(16, 0.75f, true);

    /** The precision of the models that were loaded last. */
    private final Map<String, Serving> servings = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Serving> eldest) {
            return size() > REMEMBERED;
        }
    };

    private boolean closed;

    private final ExecutorService starters = Executors.newCachedThreadPool(task -> daemon(task, "host-start"));
    private final ScheduledExecutorService watch = new LoggingScheduler(1, "host-watch");

    HostPool(
            ArtifactStore store,
            ChildJvm children,
            DataDirectory data,
            TorchSettings torch,
            HostSettings settings,
            MeterRegistry meters) {
        torch.check("anneal.inference.device", settings.device());
        this.store = store;
        this.children = children;
        this.data = data;
        this.settings = settings;
        this.meters = meters;
        this.starts = Timer.builder("anneal.inference.host.start")
                .description("Time to fetch a model's files and start its process")
                .register(meters);
        meters.gauge("anneal.inference.models", this, HostPool::count);
        meters.gauge("anneal.inference.memory.bytes", this, HostPool::memory);
        watch.scheduleWithFixedDelay(this::watch, 1, 1, TimeUnit.SECONDS);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Calls a model, and starts its host if needed. The future completes in a thread that must not wait. If it is cancelled, the
     * host stops its work on the call.
     *
     * @param name a call of {@link dev.anneal.host.message.HostRequest}
     * @param caller the project that the call is for
     * @param key the key that it is made with
     * @param onPiece receives the pieces of a text that is generated; it must not wait
     */
    public CompletableFuture<JsonNode> call(
            ServedModel model, String name, String caller, String key, Object body, Consumer<String> onPiece) {
        Call call = new Call(model, name, caller, key, body, onPiece, new CompletableFuture<>());
        send(call, borrow(call), false);
        return call.answer();
    }

    private record Call(
            ServedModel model,
            String name,
            String caller,
            String key,
            Object body,
            Consumer<String> onPiece,
            CompletableFuture<JsonNode> answer) {}

    private void send(Call call, Host host, boolean isSecond) {
        host.process.whenComplete((process, failure) -> {
            if (failure != null) {
                giveBack(host, call.caller());
                call.answer().completeExceptionally(failure);
                return;
            }
            CompletableFuture<JsonNode> sent;
            try {
                sent = process.call(call.name(), call.caller(), call.key(), call.body(), call.onPiece());
            } catch (RuntimeException | Error fault) {
                OutOfMemory.endIf(fault);
                giveBack(host, call.caller());
                call.answer().completeExceptionally(fault);
                return;
            }
            if (sent == null) {
                giveBack(host, call.caller());
                forget(call.model().id(), host);
                sendAgain(call, isSecond);
                return;
            }
            call.answer().whenComplete((result, ended) -> {
                if (call.answer().isCancelled()) {
                    sent.cancel(false);
                }
            });
            sent.whenComplete((result, ended) -> {
                if (ended instanceof Problem problem && problem.code().equals(HostAnswer.UNUSABLE)) {
                    end(call.model().id(), host); // the next call fetches its files again
                }
                giveBack(host, call.caller());
                if (ended != null) {
                    call.answer().completeExceptionally(ended);
                } else {
                    call.answer().complete(result);
                }
            });
        });
    }

    /** Sends a call to another host, once, if its host had ended while it was idle. */
    private void sendAgain(Call call, boolean isSecond) {
        try {
            if (isSecond) {
                throw ended(call.model().id(), false, "It ended as soon as it had started.");
            }
            send(call, borrow(call), true);
        } catch (RuntimeException refused) {
            call.answer().completeExceptionally(refused);
        }
    }

    private synchronized Host borrow(Call call) {
        ServedModel model = call.model();
        String id = model.id();
        long expected = BASE_BYTES + (HostRequest.needsWeights(call.name()) ? model.size() * PARAMETER_BYTES : 0);
        Host host = hosts.get(id);
        crashes.refusal(id, call.caller()).ifPresent(refused -> {
            throw refused;
        });
        if (closed) {
            throw HostProcess.unloaded();
        }
        if (host == null) {
            makeRoom(expected, call.caller());
            CompletableFuture<HostProcess> process = new CompletableFuture<>();
            Host started = new Host(process, expected, crashes.isSeparate(id));
            starters.execute(() -> start(model, started));
            hosts.put(id, started);
            host = started;
        }
        host.expectedBytes = Math.max(host.expectedBytes, expected);
        host.calls++;
        host.callers.merge(call.caller(), 1, Integer::sum);
        return host;
    }

    private synchronized void giveBack(Host host, String caller) {
        host.calls--;
        host.callers.computeIfPresent(caller, (same, count) -> count == 1 ? null : count - 1);
        closeIfUnused(host);
    }

    /** Ends a host that has lost its place, once it has no calls. */
    private static void closeIfUnused(Host host) {
        HostProcess started = host.ifStarted();
        if (host.removed && host.calls == 0 && started != null) {
            started.close();
        }
    }

    private void start(ServedModel model, Host host) {
        Timer.Sample sample = Timer.start();
        ArtifactStore.Held files = null;
        Path steps = null;
        try {
            files = store.hold(model.files());
            steps = Files.createTempFile(data.own(), "host", ".steps");
            HostProcess running = start(model, host, files, steps);
            log.info("started the host of {}, process {}", model.id(), running.pid());
            sample.stop(starts);
            host.process.complete(running);
            synchronized (this) {
                if (closed) {
                    running.close();
                }
                closeIfUnused(host); // the model was deleted meanwhile
            }
        } catch (IOException | RuntimeException | Error fault) {
            OutOfMemory.endIf(fault);
            release(files, steps);
            forget(model.id(), host);
            host.process.completeExceptionally(
                    fault instanceof IOException io
                            ? new UncheckedIOException("cannot start a model host", io)
                            : fault);
        }
    }

    private HostProcess start(ServedModel model, Host host, ArtifactStore.Held files, Path steps) throws IOException {
        HostOptions options = new HostOptions(
                files.directory().toAbsolutePath().toString(),
                settings.device(),
                Runtime.getRuntime().availableProcessors(),
                settings.tokenBudget(),
                settings.maxGenerations(),
                settings.generationsPerKey(),
                settings.cacheTokens(),
                settings.precision(),
                host.isSeparate,
                steps.toAbsolutePath().toString(),
                settings.loadTimeout().toMillis() / 1000.0,
                settings.stallTimeout().toMillis() / 1000.0);
        List<String> command = new ArrayList<>(children.command(MAIN, settings.heap(), Json.write(options)));
        command.addAll(1, JVM_FLAGS);
        ProcessBuilder builder = children.process(command, settings.device())
                .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile());
        // Keeps freed memory in the process: each batch needs the same amount again. Its end returns all of it.
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "4294967296");
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "8589934592");
        RunningSteps running = RunningSteps.open(steps);
        running.begin(RunningSteps.LOADING); // the process clears this once it has started
        Process process = builder.start();
        process.onExit().thenRun(() -> release(files, steps));
        return new HostProcess(
                model.id(),
                process,
                running,
                loaded -> loaded(model.id(), loaded),
                ended -> crashed(model.id(), host, ended));
    }

    private static void release(ArtifactStore.@Nullable Held files, @Nullable Path steps) {
        if (files != null) {
            files.close();
        }
        try {
            if (steps != null) {
                Files.deleteIfExists(steps); // the server still has its content in memory
            }
        } catch (IOException e) {
            log.warn("cannot delete {}: {}", steps, e.getMessage());
        }
    }

    private void loaded(String model, HostAnswer.Loaded loaded) {
        synchronized (servings) {
            servings.put(model, new Serving(loaded.precision(), loaded.difference()));
        }
        meters.counter("anneal.inference.loads", "precision", loaded.precision())
                .increment();
    }

    @Override
    public Optional<Serving> of(String model) {
        synchronized (servings) {
            return Optional.ofNullable(servings.get(model));
        }
    }

    private void crashed(String model, Host host, HostProcess.Ended ended) {
        forget(model, host);
        crashes.add(model, ended.callers(), ended.reason());
        meters.counter("anneal.inference.crashes", "reason", ended.timedOut() ? "timeout" : "crash")
                .increment();
    }

    private synchronized void forget(String model, Host host) {
        hosts.remove(model, host);
    }

    /**
     * Ends idle hosts until there is a place and memory for another one. If that is not enough, ends none. A caller that has no
     * host in use gets the place of another one that has several, whose host ends after its last call.
     */
    private void makeRoom(long bytes, String caller) {
        long places = settings.maxModels() - hosts.size();
        long memory = settings.memoryBytes() - memory();
        List<String> ending = new ArrayList<>();
        for (var entry : hosts.entrySet()) {
            boolean isEnough = places > 0 && memory >= bytes;
            if (!isEnough && entry.getValue().calls == 0) {
                ending.add(entry.getKey());
                places++;
                memory += entry.getValue().bytes();
            }
        }
        boolean isAlone = ending.size() == hosts.size(); // then it may take more memory than the limit
        boolean hasMemory = memory >= bytes || isAlone;
        String taken = places <= 0 && hasMemory ? shared(caller) : null;
        if (taken != null) {
            ending.add(taken);
        } else if (places <= 0 || !hasMemory) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "models_busy",
                    "All %d loaded models are in use, and there is no room for another one (anneal.inference.max-models, anneal.inference.max-memory). Try again later."
                            .formatted(hosts.size()));
        }
        ending.forEach(model -> end(model, Objects.requireNonNull(hosts.get(model))));
    }

    /**
     * Returns the model whose host makes room for a caller that has none in use, or null: that which was used longest ago of the
     * caller that alone uses the most hosts, at least two.
     */
    private @Nullable String shared(String caller) {
        if (hosts.values().stream().anyMatch(host -> host.callers.containsKey(caller))) {
            return null;
        }
        Map<String, List<String>> used = new HashMap<>();
        hosts.forEach((model, host) -> {
            if (host.callers.size() == 1) {
                used.computeIfAbsent(host.callers.keySet().iterator().next(), same -> new ArrayList<>())
                        .add(model);
            }
        });
        return used.values().stream()
                .filter(models -> models.size() > 1)
                .max(Comparator.comparingInt(List::size))
                .map(models -> models.get(0))
                .orElse(null);
    }

    private synchronized void end(String model, Host host) {
        hosts.remove(model, host);
        host.removed = true;
        closeIfUnused(host);
        log.info("the host of {} ends", model);
    }

    @EventListener
    synchronized void forget(ModelDeleted deleted) {
        crashes.forget(deleted.modelId());
        synchronized (servings) {
            servings.remove(deleted.modelId());
        }
        Host host = hosts.get(deleted.modelId());
        if (host != null) {
            end(deleted.modelId(), host);
        }
    }

    /** Ends idle hosts while all together take too much memory: caches grow after the start. */
    private synchronized void endIdleHostsBeyondMemory() {
        long excess = memory() - settings.memoryBytes();
        for (var entry : List.copyOf(hosts.entrySet())) {
            if (excess > 0 && hosts.size() > 1 && entry.getValue().calls == 0) {
                excess -= entry.getValue().bytes();
                end(entry.getKey(), entry.getValue());
            }
        }
    }

    private void watch() {
        try {
            endSilentHosts();
            endLargeHosts();
            endSeparateHosts();
            endIdleHostsBeyondMemory();
        } catch (RuntimeException fault) { // else the executor would stop watching
            log.error("cannot watch the model hosts", fault);
        }
    }

    /** Ends the hosts that compute separately and need not any longer, each after its last call. */
    private synchronized void endSeparateHosts() {
        for (var entry : List.copyOf(hosts.entrySet())) {
            if (entry.getValue().isSeparate && !crashes.isSeparate(entry.getKey())) {
                end(entry.getKey(), entry.getValue());
            }
        }
    }

    private synchronized List<Host> all() {
        return List.copyOf(hosts.values());
    }

    /** Ends hosts that need more memory than all together may have: a text can need any memory if the tokenizer enlarges it. */
    private void endLargeHosts() {
        for (Host host : all()) {
            long limit = Math.max(settings.memoryBytes(), 2 * host.expectedBytes);
            HostProcess started = host.ifStarted();
            if (started != null && ProcessMemory.withoutFiles(started.pid()) > limit) {
                started.end(
                        "It needed more than %,d MiB of memory (anneal.inference.max-memory).".formatted(limit >> 20));
            }
        }
    }

    private void endSilentHosts() {
        for (Host host : all()) {
            HostProcess started = host.ifStarted();
            if (started != null) {
                started.endIfSilent(settings.loadTimeout(), settings.stallTimeout());
            }
        }
    }

    /** Returns the process that serves a model, or nothing if none has started. */
    public synchronized Optional<Long> pid(String model) {
        Host host = hosts.get(model);
        return Optional.ofNullable(host == null ? null : host.ifStarted()).map(HostProcess::pid);
    }

    private synchronized int count() {
        return hosts.size();
    }

    private synchronized long memory() {
        return hosts.values().stream().mapToLong(Host::bytes).sum();
    }

    /** Returns the problem of the calls that a host had when it ended. */
    static Problem ended(String model, boolean timedOut, String reason) {
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                timedOut ? "model_timeout" : "model_crashed",
                "The process that serves the model '%s' ended. %s The next call starts it again."
                        .formatted(model, reason));
    }

    @Override
    public void destroy() {
        watch.shutdownNow();
        synchronized (this) {
            closed = true;
            hosts.values().stream()
                    .map(Host::ifStarted)
                    .filter(Objects::nonNull)
                    .forEach(HostProcess::close);
            hosts.clear();
        }
        starters.shutdownNow();
    }
}
