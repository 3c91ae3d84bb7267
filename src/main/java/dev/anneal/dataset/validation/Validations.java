package dev.anneal.dataset.validation;

import dev.anneal.dataset.validation.ValidationQueue.Abandoned;
import dev.anneal.log.LoggingScheduler;
import dev.anneal.log.OutOfMemory;
import dev.anneal.role.ForRole;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSlots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Validates datasets on a few threads, renews their leases meanwhile, and takes over the datasets of processes that were lost. The
 * number of datasets that wait is limited, and with it the space that their files occupy.
 */
@Component
@ForRole("api")
public class Validations implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Validations.class);

    /** A bound for files whose validation ends the server each time. */
    private static final int MAX_ATTEMPTS = 5;

    private static final Problem FILE_LOST = Problem.unprocessable(
            "validation_interrupted", "The server stopped while it checked the file. Upload it again.");
    private static final Problem OFTEN_INTERRUPTED = Problem.unprocessable(
            "validation_failed",
            "The check of the file was interrupted %d times. See the server log and the server's memory, and upload the file again."
                    .formatted(MAX_ATTEMPTS));

    /** The work itself. */
    public interface Work {
        /** Stores the rows and the result, in one transaction. Throws {@link Validation.Stopped} if the dataset is not ours any more. */
        void validate(Validation validation) throws Exception;

        /** Rejects the dataset because its files as a whole cannot be used. */
        void reject(Validation validation, Problem reason);

        /** Removes the dataset, because its request is refused. */
        void takeBack(Validation validation);

        /** Removes what is not needed any more, after the result is committed. */
        void clean(Validation validation);
    }

    /** The end of one attempt, which the metrics count. */
    private enum Ended {
        validated,
        rejected,
        stopped,
        failed
    }

    /** The right to submit one dataset, which is given back unless it is used. */
    public final class Place implements AutoCloseable {
        private UploadSlots.@Nullable Slot slot;

        private Place(UploadSlots.Slot slot) {
            this.slot = slot;
        }

        @Override
        public void close() {
            if (slot != null) {
                slot.close();
                slot = null;
            }
        }
    }

    private final ValidationQueue queue;
    private final ReceivedFiles files;
    private final Work work;
    private final ValidationSettings settings;
    private final MeterRegistry meters;
    private final UploadSlots slots;
    private volatile ThreadPoolExecutor threads;
    private final Map<String, Validation> running = new ConcurrentHashMap<>();
    private volatile boolean open;

    @SuppressWarnings("NullAway.Init") // set by start()
    private ScheduledExecutorService heartbeats;

    Validations(
            ValidationQueue queue, ReceivedFiles files, Work work, ValidationSettings settings, MeterRegistry meters) {
        this.queue = queue;
        this.files = files;
        this.work = work;
        this.settings = settings;
        this.meters = meters;
        this.threads = threads(settings.parallel());
        this.slots = new UploadSlots(settings.maxDatasets(), settings.maxPerProject());
        meters.gauge("anneal.datasets.validating", Tags.of("state", "running"), this, all -> all.count(true));
        meters.gauge("anneal.datasets.validating", Tags.of("state", "waiting"), this, all -> all.count(false));
    }

    private int count(boolean active) {
        return active ? threads.getActiveCount() : threads.getQueue().size();
    }

    private static ThreadPoolExecutor threads(int count) {
        return (ThreadPoolExecutor) Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "validation");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes a place for a dataset. Throws a problem if none is free. */
    public Place take(String project) {
        return new Place(slots.take(project));
    }

    /** Validates a dataset whose row and files are there. */
    public void submit(Validation validation, Place place) {
        UploadSlots.Slot slot = place.slot;
        place.slot = null;
        submit(validation, slot);
    }

    private void submit(Validation validation, UploadSlots.@Nullable Slot slot) {
        running.put(validation.dataset(), validation);
        try {
            threads.execute(() -> run(validation, slot));
        } catch (RejectedExecutionException stopping) {
            run(validation, slot); // releases it
        }
    }

    /** Returns the validation of a dataset by this process. */
    public Optional<Validation> find(String dataset) {
        return Optional.ofNullable(running.get(dataset));
    }

    private void run(Validation validation, UploadSlots.@Nullable Slot slot) {
        MDC.put("dataset", validation.dataset());
        long begin = System.nanoTime();
        Ended ended = Ended.failed;
        Throwable refusal = null;
        try {
            if (!open) {
                validation.stop();
            }
            validation.check();
            work.validate(validation);
            ended = Ended.validated;
        } catch (Validation.Stopped stopped) {
            leave(validation);
            ended = Ended.stopped;
        } catch (Throwable fault) {
            OutOfMemory.endIf(fault);
            refusal = validation.refuse() ? fault : null;
            ended = fail(validation, fault, refusal != null);
        } finally {
            running.remove(validation.dataset(), validation);
            if (slot != null) {
                slot.close();
            }
            if (ended == Ended.validated || ended == Ended.rejected) {
                clean(validation);
            }
            meters.timer("anneal.datasets.validation", "result", ended.name())
                    .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
            validation.end(refusal);
            MDC.remove("dataset");
        }
    }

    private void clean(Validation validation) {
        files.delete(validation.dataset());
        try {
            work.clean(validation);
        } catch (RuntimeException databaseUnavailable) { // the sweep removes it later
            log.warn("cannot remove the upload: {}", databaseUnavailable.getMessage());
        }
    }

    /** Refuses the file for good, if the file is the reason. Otherwise the validation is repeated when its lease has passed. */
    private Ended fail(Validation validation, Throwable fault, boolean isAnswered) {
        try {
            if (isAnswered) {
                work.takeBack(validation);
            } else if (fault instanceof Problem problem) {
                work.reject(validation, problem);
            } else {
                log.error("the validation failed; it is repeated when its lease has passed", fault);
                return Ended.failed;
            }
            return Ended.rejected;
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot end the validation: {}", databaseUnavailable.getMessage());
            return Ended.failed;
        }
    }

    /** Releases the dataset if the server stops, so that the next process can begin at once. The sweep removes files. */
    private void leave(Validation validation) {
        try {
            if (!open) {
                queue.release(validation);
            }
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot release the dataset: {}", databaseUnavailable.getMessage());
        }
    }

    private void renew() {
        for (Validation validation : running.values()) {
            try {
                if (!queue.renew(validation)) {
                    validation.stop();
                }
            } catch (RuntimeException databaseUnavailable) {
                log.warn("cannot renew the lease of {}: {}", validation.dataset(), databaseUnavailable.getMessage());
            }
        }
    }

    /** Takes over datasets whose leases have passed, and removes files that nobody needs. */
    void sweep() {
        try {
            for (Abandoned dataset : queue.abandoned()) {
                try {
                    takeOver(dataset);
                } catch (RuntimeException next) { // the others must not wait for this one
                    log.warn("cannot take over {}: {}", dataset.id(), next.getMessage());
                }
            }
            files.sweep(queue::validating);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot look for datasets to validate: {}", databaseUnavailable.getMessage());
        }
    }

    private void takeOver(Abandoned dataset) {
        Optional<List<Path>> found = files.find(dataset.id(), dataset.received());
        boolean often = dataset.attempt() >= MAX_ATTEMPTS;
        boolean lost = found.isEmpty() && dataset.hopeless();
        boolean possible = found.isPresent() && running.size() < settings.maxDatasets();
        if (!(often || lost || possible) || running.containsKey(dataset.id()) || !queue.claim(dataset)) {
            return;
        }
        Validation validation = new Validation(
                dataset.id(), dataset.attempt() + 1, dataset.received(), found.orElse(List.of()), false, true);
        if (often || lost) {
            log.warn(
                    "the dataset {} is rejected: {}", dataset.id(), often ? "often interrupted" : "its files are lost");
            work.reject(validation, often ? OFTEN_INTERRUPTED : FILE_LOST);
            files.delete(dataset.id());
        } else {
            log.info("validating {}, attempt {}", dataset.id(), validation.attempt());
            submit(validation, (UploadSlots.Slot) null);
        }
    }

    @EventListener
    void on(DatasetDeleted deleted) {
        Validation validation = running.get(deleted.id());
        if (validation != null) {
            validation.stop();
        }
    }

    @Override
    public void start() {
        open = true;
        if (threads.isShutdown()) {
            threads = threads(settings.parallel());
        }
        heartbeats = new LoggingScheduler(2, "validation-heartbeat");
        long beat = settings.heartbeat().toMillis();
        heartbeats.scheduleWithFixedDelay(this::renew, beat, beat, TimeUnit.MILLISECONDS);
        heartbeats.scheduleWithFixedDelay(this::sweep, 0, settings.poll().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Releases all datasets. Their files stay, so that the next process can begin again. */
    @Override
    public void stop() {
        open = false;
        running.values().forEach(Validation::stop);
        threads.shutdown();
        try {
            threads.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.values().forEach(validation -> validation.end(null)); // the clients get an answer
        heartbeats.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
