package dev.anneal.hosting;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.ProcessMemory;
import dev.anneal.child.ProgramReplacedException;
import dev.anneal.child.TorchSettings;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostRequest;
import dev.anneal.local.DataDirectory;
import dev.anneal.log.LoggingScheduler;
import dev.anneal.log.OutOfMemory;
import dev.anneal.model.ExistingModels;
import dev.anneal.model.Health;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.model.ServedModel;
import dev.anneal.model.Serving;
import dev.anneal.model.ServingReport;
import dev.anneal.text.ProcFile;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
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

    /** The memory of a host without weights: the JVM, libtorch and the arrays of a batch. */
    private static final long BASE_BYTES = 400L << 20;

    /** The memory of a parameter: in fp32, and in bf16 for the computation. */
    private static final long PARAMETER_BYTES = 6;

    /** The most models of which it is known how they were computed. */
    private static final int REMEMBERED = 10_000;

    private final ExistingModels models;
    private final HostStarter starter;
    private final HostSettings settings;
    private final MeterRegistry meters;
    private final Timer starts;
    private final Crashes crashes = new Crashes(System::nanoTime);
    /** Guarded by this. */
    private final HostPlaces places;

    /** Guarded by this. */
    private final HostShares shares;

    /** The precision of the models that were loaded last. */
    private final Map<String, Serving> servings = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Serving> eldest) {
            return size() > REMEMBERED;
        }
    };

    private boolean closed;
    private volatile int spareHosts;

    private final ExecutorService starters = Executors.newCachedThreadPool(task -> daemon(task, "host-start"));
    private final ScheduledExecutorService watch = new LoggingScheduler(1, "host-watch");

    HostPool(
            ExistingModels models,
            ArtifactStore store,
            ChildJvm children,
            DataDirectory data,
            TorchSettings torch,
            HostSettings settings,
            MeterRegistry meters) {
        torch.check("anneal.inference.device", settings.device());
        this.models = models;
        this.starter = new HostStarter(store, children, data, settings);
        this.settings = settings;
        this.places = new HostPlaces(System::nanoTime);
        this.shares = new HostShares(settings, places, System::nanoTime);
        this.meters = meters;
        this.starts = Timer.builder("anneal.inference.host.start")
                .description("Time to fetch a model's files and start its process")
                .register(meters);
        meters.gauge("anneal.inference.models", this, HostPool::count);
        meters.gauge(
                "anneal.inference.memory.bytes",
                this,
                pool -> pool.memory() + pool.starter.spares().memory());
        watch.scheduleWithFixedDelay(this::watch, 1, 1, TimeUnit.SECONDS);
    }

    /** Keeps spare hosts from now on. */
    void keepSpareHosts() {
        spareHosts = settings.spareHosts();
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
        AtomicReference<@Nullable Object> texts = new AtomicReference<>(body);
        Call call = new Call(model, name, caller, key, texts, onPiece, new CompletableFuture<>());
        // A start may take minutes, and a call that is cancelled meanwhile counts against no limit.
        call.answer().whenComplete((result, ended) -> texts.set(null));
        send(call, borrow(call), false);
        return call.answer();
    }

    /** A call, with its body until that is sent or the call has ended. */
    private record Call(
            ServedModel model,
            String name,
            String caller,
            String key,
            AtomicReference<@Nullable Object> body,
            Consumer<String> onPiece,
            CompletableFuture<JsonNode> answer) {}

    private void send(Call call, Host host, boolean isSecond) {
        host.process.whenComplete((process, failure) -> {
            if (failure != null) {
                giveBack(host, call.caller());
                call.answer().completeExceptionally(host.isDeleted ? deleted(host) : failure);
                return;
            }
            Object body = call.body().get();
            if (body == null) { // cancelled
                giveBack(host, call.caller());
                return;
            }
            CompletableFuture<JsonNode> sent;
            try {
                sent = process.call(call.name(), call.caller(), call.key(), body, call.onPiece());
            } catch (RuntimeException | Error fault) {
                OutOfMemory.endIf(fault);
                giveBack(host, call.caller());
                call.answer().completeExceptionally(fault);
                return;
            }
            if (sent == null) {
                giveBack(host, call.caller());
                forget(host);
                sendAgain(call, isSecond);
                return;
            }
            call.body().set(null);
            call.answer().whenComplete((result, ended) -> {
                if (call.answer().isCancelled()) {
                    sent.cancel(false);
                }
            });
            sent.whenComplete((result, ended) -> {
                boolean isUnusable =
                        ended instanceof Problem problem && problem.code().equals(HostAnswer.UNUSABLE);
                if (isUnusable) {
                    end(host); // the next call fetches its files again
                    lookUp(host);
                }
                giveBack(host, call.caller());
                if (ended != null) {
                    call.answer().completeExceptionally(isUnusable && host.isDeleted ? deleted(host) : ended);
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
        Host host = places.get(id);
        crashes.refusal(id, call.caller()).ifPresent(refused -> {
            throw refused;
        });
        if (closed) {
            throw HostProcess.unloaded();
        }
        if (host == null) {
            shares.makeRoom(expected, call.caller());
            Host started = new Host(id, crashes.isSeparate(id), call.caller());
            starters.execute(() -> start(model, started));
            places.add(started);
            host = started;
        }
        host.begin(call.caller(), expected, System.nanoTime());
        return host;
    }

    private synchronized void giveBack(Host host, String caller) {
        host.end(caller, System.nanoTime());
        places.closeIfUnused(host);
    }

    private void start(ServedModel model, Host host) {
        Timer.Sample sample = Timer.start();
        try {
            HostProcess running = starter.start(
                    model,
                    of(model.id()),
                    host.isSeparate,
                    loaded -> loaded(model.id(), loaded),
                    ended -> crashed(host, ended));
            log.info("started the host of {}, process {}", model.id(), running.pid());
            sample.stop(starts);
            host.process.complete(running);
            synchronized (this) {
                if (closed) {
                    running.close();
                }
                places.closeIfUnused(host); // the model was deleted meanwhile
            }
        } catch (IOException | RuntimeException | Error fault) {
            OutOfMemory.endIf(fault);
            meters.counter("anneal.inference.start.failures").increment();
            forget(host);
            lookUp(host);
            host.process.completeExceptionally(notStarted(fault));
        }
    }

    private static Throwable notStarted(Throwable fault) {
        if (fault instanceof ProgramReplacedException) {
            log.error("cannot start a model host: {}", fault.getMessage());
            return new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "program_replaced",
                    "This server's program was replaced or deleted while it ran, so it cannot start the process of another model. An operator has to restart the server.");
        }
        return fault instanceof IOException io ? new UncheckedIOException("cannot start a model host", io) : fault;
    }

    private void loaded(String model, HostAnswer.Loaded loaded) {
        synchronized (servings) {
            Double difference = Double.isFinite(loaded.difference()) ? loaded.difference() : null;
            servings.put(model, new Serving(loaded.precision(), difference));
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

    @Override
    public Optional<Health> health(String model, String project) {
        return crashes.health(model, project);
    }

    private void crashed(Host host, HostProcess.Ended ended) {
        forget(host);
        crashes.add(host.model, ended.callers(), ended.reason());
        meters.counter("anneal.inference.crashes", "reason", ended.timedOut() ? "timeout" : "crash")
                .increment();
    }

    private synchronized void forget(Host host) {
        places.forget(host);
    }

    private synchronized void end(Host host) {
        places.end(host);
    }

    @EventListener
    synchronized void forget(ModelDeleted deleted) {
        crashes.forget(deleted.modelId());
        synchronized (servings) {
            servings.remove(deleted.modelId());
        }
        places.all().stream()
                .filter(host -> host.model.equals(deleted.modelId()))
                .forEach(host -> host.isDeleted = true);
        Host host = places.get(deleted.modelId());
        if (host != null) {
            end(host);
        }
    }

    private void watch() {
        try {
            endSilentHosts();
            endLargeHosts();
            endSeparateHosts();
            endHostsBeyondMemory();
            watchSpareHosts();
        } catch (RuntimeException fault) { // else the executor would stop watching
            log.error("cannot watch the model hosts", fault);
        }
    }

    /** Keeps as many spare hosts as there is memory for models that start in them, within the bound of the hosts and on the machine. */
    private void watchSpareHosts() {
        long available = ProcFile.availableMemory();
        long onMachine = Math.max(available, available + starter.spares().memory()); // much, if it is unknown
        long free = Math.min(settings.memoryBytes() - memory(), onMachine);
        starter.spares().keep((int) Math.max(0, Math.min(spareHosts, free / BASE_BYTES)));
    }

    private synchronized void endHostsBeyondMemory() {
        shares.endBeyondMemory();
    }

    /** Ends the hosts that compute separately and need not any longer, each after its last call. */
    private synchronized void endSeparateHosts() {
        for (Host host : places.placed()) {
            if (host.isSeparate && !crashes.isSeparate(host.model)) {
                end(host);
            }
        }
    }

    private synchronized List<Host> all() {
        return places.all();
    }

    /** Ends hosts that need more memory than all together may have: a text can need any memory if the tokenizer enlarges it. */
    private void endLargeHosts() {
        for (Host host : all()) {
            long limit = settings.memoryLimit(host.expectedBytes());
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
        Host host = places.get(model);
        return Optional.ofNullable(host == null ? null : host.ifStarted()).map(HostProcess::pid);
    }

    private synchronized int count() {
        return places.count();
    }

    private synchronized long memory() {
        return places.memory();
    }

    /** Notes whether another server deleted the model of a host that cannot load it. Asks once, because many calls may wait. */
    private void lookUp(Host host) {
        if (!host.isDeleted && host.isLookedUp.compareAndSet(false, true)) {
            try {
                host.isDeleted = !models.exists(host.model);
            } catch (DataAccessException unknown) {
                log.warn("cannot look up the model {}: {}", host.model, unknown.getMessage());
            }
        }
    }

    /** Returns the problem of the calls of a model that was deleted before it was loaded. */
    private static Problem deleted(Host host) {
        return Problem.notFound("model", host.model);
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
            places.all().stream().map(Host::ifStarted).filter(Objects::nonNull).forEach(HostProcess::close);
        }
        starters.shutdownNow();
        starter.spares().close();
    }
}
