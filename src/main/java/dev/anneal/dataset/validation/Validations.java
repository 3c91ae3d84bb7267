package dev.anneal.dataset.validation;

import dev.anneal.dataset.validation.ValidationQueue.Abandoned;
import dev.anneal.log.LoggingScheduler;
import dev.anneal.log.OutOfMemory;
import dev.anneal.role.ForRole;
import dev.anneal.role.Sweeps;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSlots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
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

    /** A bound for files whose validation ends the server each time. A server that ends before it reads the files does not count. */
    private static final int MAX_LOST_CHECKS = 5;

    private static final Problem FILE_LOST = Problem.unprocessable(
            "validation_interrupted", "The server stopped while it checked the file. Upload it again.");
    private static final Problem NOT_KEPT =
            Problem.unprocessable("validation_interrupted", "The server could not store the file. Upload it again.");
    private static final Problem OFTEN_INTERRUPTED = Problem.unprocessable(
            "validation_failed",
            "The check of the file was interrupted %d times. See the server log and the server's memory, and upload the file again."
                    .formatted(MAX_LOST_CHECKS));
    private static final Problem VERSION_OFTEN_INTERRUPTED = Problem.unprocessable(
            "validation_failed",
            "The version was interrupted %d times while it was made. See the server log and the server's memory, and make the version again."
                    .formatted(MAX_LOST_CHECKS));

    /** The work itself. */
    public interface Work {
        /** Fetches the files that the request names. Throws {@link Validation.Stopped} if the dataset is not ours any more. */
        void fetch(Validation validation) throws Exception;

        /** Reads the files, then stores the rows, and in another transaction the result. Throws {@link Validation.Stopped} if the dataset is not ours any more. */
        void validate(Validation validation) throws Exception;

        /** Rejects the dataset because its files as a whole cannot be used. Returns false if it is not ours any more. */
        boolean reject(Validation validation, Problem reason);

        /** Removes the dataset, because its request is refused. Returns false if it is not ours, or if another client knows of it. */
        boolean takeBack(Validation validation);

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
    public static final class Place implements AutoCloseable {
        private final String project;
        private UploadSlots.@Nullable Slot slot;

        private Place(String project, UploadSlots.Slot slot) {
            this.project = project;
            this.slot = slot;
        }

        /** Returns a place that the caller closes. This one has none any more. */
        private Place move() {
            Place moved = new Place(project, Objects.requireNonNull(slot));
            slot = null;
            return moved;
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
    private final UploadSlots sources;
    private volatile SharedThreads threads;
    private volatile SharedThreads fetchers;
    private final Map<String, Validation> running = new ConcurrentHashMap<>();
    /** The running datasets whose files may be what ended a process. */
    private final Set<String> suspects = ConcurrentHashMap.newKeySet();
    /** Validations that failed, and not because of their files, of which the database does not know yet. */
    private final Set<Validation> failed = ConcurrentHashMap.newKeySet();

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
        this.threads = threads();
        this.fetchers = fetchers();
        this.sources = new UploadSlots(settings.maxSources(), settings.maxSources());
        this.slots = new UploadSlots(settings.maxDatasets(), settings.maxPerProject());
        meters.gauge("anneal.datasets.validating", Tags.of("state", "running"), this, all -> all.threads.active());
        meters.gauge("anneal.datasets.validating", Tags.of("state", "waiting"), this, all -> all.threads.waiting());
        meters.gauge("anneal.datasets.validating", Tags.of("state", "fetching"), this, all -> all.fetchers.active());
    }

    private SharedThreads threads() {
        return new SharedThreads(settings.parallel(), "validation");
    }

    private SharedThreads fetchers() {
        return new SharedThreads(settings.maxSources(), "fetch");
    }

    /** Takes a place for a dataset. Throws a problem if none is free. */
    public Place take(String project) {
        return new Place(project, slots.take(project));
    }

    /** Takes a place for a dataset whose files are to be fetched, which may take long. Throws a problem if none is free. */
    public Place takeSource(String project) {
        return new Place(project, sources.take(project));
    }

    /** Keeps the files of a dataset, which has a row. The lease is renewed meanwhile, because the disk may be slow. */
    public void receive(Validation validation, List<ReceivedFiles.Move> moves) throws IOException {
        running.put(validation.dataset(), validation);
        try {
            validation.kept(files.keep(validation.dataset(), moves));
        } catch (Throwable fault) {
            OutOfMemory.endIf(fault);
            giveUp(validation, fault);
            throw fault;
        }
    }

    /** Ends a validation whose files cannot be kept. */
    private void giveUp(Validation validation, Throwable fault) {
        Throwable refusal = null;
        try {
            if (work.takeBack(validation)) {
                refusal = fault;
                files.delete(validation.dataset());
            } else if (work.reject(validation, NOT_KEPT)) {
                files.delete(validation.dataset());
            }
        } catch (RuntimeException databaseUnavailable) { // another attempt finds that the files are lost
            log.warn("cannot remove the dataset {}: {}", validation.dataset(), databaseUnavailable.getMessage());
        } finally {
            running.remove(validation.dataset(), validation);
            validation.end(refusal);
        }
    }

    /** Validates a dataset whose row and files are there, or whose source is known. */
    public void submit(Validation validation, Place place) {
        Place taken = place.move();
        running.put(validation.dataset(), validation);
        if (validation.received().isUnfetched()) {
            fetchers.execute(taken.project, false, () -> fetch(validation, taken));
        } else {
            threads.execute(
                    taken.project, validation.received().version() != null, () -> run(validation, taken, null, false));
        }
    }

    /** Fetches the files, and has them validated by another thread, so that slow sources do not keep others waiting. */
    private void fetch(Validation validation, Place place) {
        MDC.put("dataset", validation.dataset());
        boolean begun = false;
        try {
            if (!open) {
                validation.stop();
            }
            validation.check();
            begun = queue.beginCheck(validation); // what is fetched may end the process, too
            if (!begun) {
                throw new Validation.Stopped();
            }
            work.fetch(validation);
        } catch (Throwable failure) {
            OutOfMemory.endIf(failure);
            run(validation, place, failure, begun);
            return;
        } finally {
            MDC.remove("dataset");
        }
        threads.execute(place.project, false, () -> run(validation, place, null, false));
    }

    /** Returns the validation of a dataset by this process. */
    public Optional<Validation> find(String dataset) {
        return Optional.ofNullable(running.get(dataset));
    }

    /**
     * Validates a dataset, or ends its validation if its files could not be fetched.
     *
     * @param begun whether the database knows that this process reads what it fetches
     */
    private void run(Validation validation, Place place, @Nullable Throwable unfetched, boolean begun) {
        MDC.put("dataset", validation.dataset());
        long begin = System.nanoTime();
        Ended ended = Ended.failed;
        Throwable refusal = null;
        try {
            if (!open) {
                validation.stop();
            }
            validation.check();
            if (unfetched instanceof Problem || unfetched instanceof Validation.Stopped) {
                throw unfetched;
            }
            begun = queue.beginCheck(validation); // a fault of a fetch counts, so that it is not repeated for ever
            if (!begun) {
                throw new Validation.Stopped();
            }
            if (unfetched != null) {
                throw unfetched;
            }
            work.validate(validation);
            ended = Ended.validated;
        } catch (Validation.Stopped stopped) {
            leave(validation, begun);
            ended = Ended.stopped;
        } catch (Throwable fault) {
            OutOfMemory.endIf(fault);
            if (takeBack(validation)) {
                refusal = fault;
                ended = Ended.rejected;
            } else {
                ended = fail(validation, fault);
            }
        } finally {
            running.remove(validation.dataset(), validation);
            suspects.remove(validation.dataset());
            place.close();
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

    /** Removes the dataset if a request waits that can tell why. Returns false if the dataset stays, because others know of it. */
    private boolean takeBack(Validation validation) {
        try {
            return validation.refuse() && work.takeBack(validation);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot remove the dataset: {}", databaseUnavailable.getMessage());
            return false;
        }
    }

    /** Refuses the file for good, if the file is the reason. Otherwise the validation is repeated when its lease has passed. */
    private Ended fail(Validation validation, Throwable fault) {
        try {
            if (fault instanceof Problem problem) {
                if (work.reject(validation, problem)) {
                    return Ended.rejected;
                }
                queue.survived(validation);
                return Ended.stopped;
            }
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot reject the dataset: {}", databaseUnavailable.getMessage());
            failed.add(validation);
            return Ended.failed;
        }
        log.error("the validation failed; it is repeated when its lease has passed", fault);
        if (ServerFault.isOne(fault)) {
            failed.add(validation);
        }
        return Ended.failed;
    }

    /**
     * Releases the dataset if the server stops, so that the next process can begin at once. The sweep removes files.
     *
     * @param begun whether this process has read the files: if another one has the dataset now, it counts this one as lost
     */
    private void leave(Validation validation, boolean begun) {
        try {
            if (!open) {
                queue.release(validation);
            } else if (begun) {
                queue.survived(validation);
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
        for (Validation validation : failed) {
            try {
                if (!queue.endCheck(validation)) {
                    queue.survived(validation);
                }
                failed.remove(validation);
            } catch (RuntimeException databaseUnavailable) {
                log.warn("cannot end the check of {}: {}", validation.dataset(), databaseUnavailable.getMessage());
            }
        }
    }

    /** Takes over datasets whose leases have passed, and removes files that nobody needs. */
    void sweep() {
        try {
            for (List<Abandoned> page = queue.abandoned(""); !page.isEmpty(); ) {
                for (Abandoned dataset : page) {
                    try {
                        takeOver(dataset);
                    } catch (RuntimeException next) { // the others must not wait for this one
                        log.warn("cannot take over {}: {}", dataset.id(), next.getMessage());
                    }
                }
                page = queue.abandoned(page.get(page.size() - 1).id());
            }
            Sweeps.time("received_files", () -> files.sweep(queue::validating));
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot look for datasets to validate: {}", databaseUnavailable.getMessage());
        }
    }

    private void takeOver(Abandoned dataset) {
        if (running.containsKey(dataset.id()) || isNoted(dataset)) {
            return;
        }
        Optional<List<Path>> found = files.find(dataset.id(), dataset.received());
        if (dataset.lostChecks() >= MAX_LOST_CHECKS) {
            reject(dataset, dataset.received().version() == null ? OFTEN_INTERRUPTED : VERSION_OFTEN_INTERRUPTED);
        } else if (found.isPresent()) {
            checkAgain(dataset, dataset.received(), found.get());
        } else if (dataset.received().hasSource()) {
            checkAgain(dataset, dataset.received().unfetched(), List.of());
        } else if (dataset.hopeless()) {
            reject(dataset, FILE_LOST);
        }
    }

    /** Returns whether a check of this process failed, of which the database does not know: it would count as lost. */
    private boolean isNoted(Abandoned dataset) {
        return failed.stream().anyMatch(each -> each.dataset().equals(dataset.id()));
    }

    private void reject(Abandoned dataset, Problem reason) {
        if (queue.claim(dataset)
                && work.reject(
                        new Validation(dataset.id(), dataset.attempt() + 1, dataset.received(), List.of(), true),
                        reason)) {
            log.warn("the dataset {} is rejected: {}", dataset.id(), reason.getMessage());
            files.delete(dataset.id());
        }
    }

    /** Takes a place as a request does. Of the datasets that may have ended a process, one is checked at a time: that finds which one. */
    private void checkAgain(Abandoned dataset, Received received, List<Path> found) {
        UploadSlots places = received.isUnfetched() ? sources : slots;
        Optional<UploadSlots.Slot> slot =
                dataset.isSuspect() && !suspects.isEmpty() ? Optional.empty() : places.tryTake(dataset.project());
        if (slot.isEmpty()) {
            queue.postpone(dataset);
            return;
        }
        try (Place place = new Place(dataset.project(), slot.get())) {
            if (queue.claim(dataset)) {
                if (dataset.isSuspect()) {
                    suspects.add(dataset.id());
                }
                log.info("validating {}, attempt {}", dataset.id(), dataset.attempt() + 1);
                submit(new Validation(dataset.id(), dataset.attempt() + 1, received, found, true), place);
            }
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
        if (threads.isClosed()) {
            threads = threads();
        }
        if (fetchers.isClosed()) {
            fetchers = fetchers();
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
        fetchers.close(5);
        threads.close(5);
        for (Validation validation : running.values()) {
            leave(validation, true); // it stores its rows, or compares texts, and would count as lost
            validation.end(null); // the clients get an answer
        }
        heartbeats.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
