package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.ProgramReplacedException;
import dev.anneal.log.LoggingScheduler;
import dev.anneal.log.OutOfMemory;
import dev.anneal.model.ModelImports.Claim;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.model.check.CheckKilledException;
import dev.anneal.model.check.ModelChecks;
import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.Hub;
import dev.anneal.model.source.HubDownload;
import dev.anneal.model.source.HubSource;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.role.ForRole;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Claims imports, downloads their files, and registers the models. */
@Component
@ForRole("api")
class ModelImporter implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(ModelImporter.class);

    /** A bound for imports that end the server each time, and more than the restarts during a download. */
    private static final int MAX_ATTEMPTS = 20;

    private final ModelImports imports;
    private final Hub hub;
    private final ImportSettings settings;
    private final ArtifactStore store;
    private final ImportWorkspaces workspaces;
    private final ModelChecks checks;
    private final ChildJvm children;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;
    private final Counter bytes;
    private final Map<String, DownloadState> running = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ImportThreads places;
    private final Object wakeUp = new Object();
    private volatile boolean open;

    @SuppressWarnings("NullAway.Init") // set by start()
    private ScheduledExecutorService heartbeats;

    ModelImporter(
            ModelImports imports,
            Hub hub,
            ImportSettings settings,
            ArtifactStore store,
            ImportWorkspaces workspaces,
            ModelChecks checks,
            ChildJvm children,
            MeterRegistry meters,
            ApplicationEventPublisher publisher) {
        this.publisher = publisher;
        this.imports = imports;
        this.hub = hub;
        this.settings = settings;
        this.store = store;
        this.workspaces = workspaces;
        this.checks = checks;
        this.children = children;
        this.places = new ImportThreads(settings.parallel());
        this.meters = meters;
        this.bytes = Counter.builder("anneal.import.bytes").baseUnit("bytes").register(meters);
        meters.gaugeMapSize("anneal.imports.running", List.of(), running);
        meters.gauge("anneal.imports.waiting", imports, ModelImports::waiting);
    }

    @Override
    public void start() {
        open = true;
        heartbeats = new LoggingScheduler(1, "import-heartbeat");
        workspaces.removeAbandoned(imports::isWorkspace);
        for (int i = 0; i < settings.parallel(); i++) {
            Thread thread = new Thread(this::serve, "import-" + i);
            thread.start();
            threads.add(thread);
        }
    }

    private void serve() {
        while (open) {
            Optional<Claim> claim = children.isProgramReplaced() ? Optional.empty() : claim();
            if (claim.isEmpty()) {
                await();
                continue;
            }
            MDC.put("model", claim.get().modelId());
            try {
                run(claim.get());
            } catch (Throwable fault) {
                OutOfMemory.endIf(fault);
                log.error("the import ended with an unexpected error; it is retried when its lease expires", fault);
            } finally {
                MDC.remove("model");
                places.end(claim.get());
            }
        }
    }

    private Optional<Claim> claim() {
        try {
            return places.claim(imports::claim);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot look for imports: {}", databaseUnavailable.getMessage());
            return Optional.empty();
        }
    }

    private void run(Claim claim) {
        if (claim.attempt() > MAX_ATTEMPTS) {
            fail(
                    claim,
                    "import_interrupted",
                    "The import was interrupted " + MAX_ATTEMPTS
                            + " times. Check the server's memory and log, and import the" + " model again.");
            return;
        }
        DownloadState transfer = new DownloadState(bytes::increment);
        running.put(claim.modelId(), transfer);
        if (!open) {
            transfer.stop();
        }
        long interval = settings.heartbeat().toMillis();
        ImportHeartbeat heartbeat = new ImportHeartbeat(imports, claim, transfer, settings.stall());
        ScheduledFuture<?> beats =
                heartbeats.scheduleWithFixedDelay(heartbeat, interval, interval, TimeUnit.MILLISECONDS);
        log.info(
                "importing {} at {}, attempt {}", claim.source(), claim.source().revision(), claim.attempt());
        try {
            importModel(claim, transfer);
        } catch (IOException | RuntimeException failure) {
            heartbeat.end();
            end(claim, transfer, failure);
        } finally {
            heartbeat.end();
            beats.cancel(false);
            running.remove(claim.modelId());
            Thread.interrupted(); // what interrupted this import must not interrupt the next one
        }
    }

    private void end(Claim claim, DownloadState transfer, Exception failure) {
        if (transfer.isStopped() || failure instanceof DownloadState.Stopped) {
            Thread.interrupted(); // an interrupted thread cannot use the database
            leave(claim);
        } else if (failure instanceof ImportFailure refused) {
            fail(claim, refused.code(), refused.getMessage());
        } else if (failure instanceof Problem full) {
            fail(claim, full.code(), String.valueOf(full.getMessage()));
        } else if (failure instanceof ModelException invalid) {
            fail(claim, "invalid_model", ImportFailure.sentence(invalid.getMessage()), false);
        } else if (failure instanceof ProgramReplacedException) {
            log.warn("{} The import is left to another server.", failure.getMessage());
            leave(claim);
        } else if (failure instanceof CheckKilledException) {
            log.warn("{} The import is retried when its lease expires.", failure.getMessage());
        } else if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            log.error("cannot store the files", failure);
            fail(claim, "storage_failed", "The server could not store the files. See the server log.");
        } else {
            log.error("unexpected error", failure);
            fail(claim, "internal_error", Problem.INTERNAL_ERROR);
        }
    }

    private void importModel(Claim claim, DownloadState transfer) throws IOException {
        String key = ModelRegistry.importedKey(claim.modelId());
        ModelFiles files;
        if (!store.has(key)) {
            Hub.Listing listing = HubDownload.list(hub, pinned(claim), settings, transfer);
            if (claim.commit() == null && !imports.pin(claim, listing.commit())) {
                throw new DownloadState.Stopped();
            }
            Path directory = workspaces.of(claim.workspace(), listing.commit());
            new HubDownload(hub, settings, transfer, directory)
                    .downloadAll(listing, bytes -> imports.requireStorage(claim, bytes));
            files = check(claim, directory);
            transfer.check();
            publisher.publishEvent(new ModelRegistry.FilesAnnounced(claim.modelId(), key));
            store.put(key, directory);
        } else {
            files = check(claim, store.get(key));
        }
        imports.renew(claim, transfer.progress(), true);
        if (!imports.succeed(claim, files, key)) {
            throw new DownloadState.Stopped();
        }
        workspaces.remove(claim.workspace());
        count("ready");
        log.info("imported {}: {} parameters", claim.source(), files.parameters());
    }

    private ModelFiles check(Claim claim, Path directory) throws IOException {
        try {
            return checks.check(directory, claim.project());
        } catch (InterruptedIOException serverStops) {
            throw new DownloadState.Stopped();
        }
    }

    private static HubSource pinned(Claim claim) {
        return claim.commit() == null
                ? claim.source()
                : new HubSource(claim.source().repository(), claim.commit());
    }

    /** Releases the import if the server stops; cleans up if the model was deleted; another process may have the import. */
    private void leave(Claim claim) {
        try {
            if (imports.exists(claim.modelId())) {
                imports.release(claim);
            } else {
                store.delete(ModelRegistry.importedKey(claim.modelId()));
                workspaces.remove(claim.workspace());
                count("cancelled");
                log.info("the import was cancelled");
            }
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot release the import: {}", databaseUnavailable.getMessage());
        }
    }

    private void fail(Claim claim, String code, String message) {
        fail(claim, code, message, true);
    }

    /** Fails the import. It keeps its files if another import can resume the download, and use them then. */
    private void fail(Claim claim, String code, String message, boolean keepsFiles) {
        log.warn("the import failed: {}: {}", code, message);
        if (imports.fail(claim, code, message, keepsFiles)) {
            count("failed");
            if (!keepsFiles) {
                workspaces.remove(claim.workspace());
            }
        } else {
            leave(claim);
        }
    }

    private void count(String result) {
        meters.counter("anneal.imports", "source", "hub", "result", result).increment();
    }

    private void await() {
        synchronized (wakeUp) {
            try {
                if (open) {
                    wakeUp.wait(settings.poll().toMillis());
                }
            } catch (InterruptedException e) {
                // the loop checks whether stop() was called
            }
        }
    }

    void wake() {
        synchronized (wakeUp) {
            wakeUp.notifyAll();
        }
    }

    @EventListener
    void on(ModelDeleted deleted) {
        DownloadState transfer = running.get(deleted.modelId());
        if (transfer != null) {
            transfer.stop();
        } else if (deleted.workspace() != null) {
            workspaces.remove(deleted.workspace());
        }
    }

    /** Releases running imports. Their files stay, so that another attempt can resume. */
    @Override
    public void stop() {
        open = false;
        running.values().forEach(DownloadState::stop);
        wake();
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        threads.clear();
        heartbeats.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
