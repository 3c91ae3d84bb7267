package dev.anneal.worker;

import dev.anneal.log.LoggingScheduler;
import dev.anneal.role.ForRole;
import dev.anneal.worker.executor.Slot;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Keeps this process in the list of workers while it takes jobs. */
@Component
@ForRole("worker")
class WorkerRegistration {
    private static final Logger log = LoggerFactory.getLogger(WorkerRegistration.class);

    private final Workers workers;
    private final long periodMillis;
    private volatile String id = newId();
    private @Nullable List<Slot> slots;
    private @Nullable ScheduledExecutorService heart;
    private WorkerStatus status = WorkerStatus.active;

    WorkerRegistration(Workers workers, WorkerSettings settings) {
        this.workers = workers;
        this.periodMillis = settings.heartbeat().toMillis();
    }

    /** Returns an id that is unique even if this process restarts its worker or another process gets the same process id. */
    private static String newId() {
        return Worker.identity() + "-" + Integer.toString(new SecureRandom().nextInt(36 * 36 * 36 * 36), 36);
    }

    String id() {
        return id;
    }

    /** Registers under a new id, so that an earlier drain does not apply. */
    synchronized void enter(List<Slot> slots) {
        this.id = newId();
        this.slots = slots;
        this.status = WorkerStatus.active;
        beat();
        heart = new LoggingScheduler(1, "registration");
        heart.scheduleWithFixedDelay(this::beat, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }

    private synchronized void beat() {
        if (slots == null) {
            return;
        }
        try {
            List<Slot> registered = slots;
            WorkerStatus now = workers.seen(id).orElseGet(() -> workers.register(id, registered));
            if (now != status) {
                log.info(
                        now == WorkerStatus.draining
                                ? "draining: this worker takes no more jobs"
                                : "this worker takes jobs again");
                status = now;
            }
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot register this worker: {}", databaseUnavailable.getMessage());
        }
    }

    synchronized void leave() {
        if (heart == null) {
            return;
        }
        heart.shutdown();
        heart = null;
        slots = null;
        try {
            workers.remove(id);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot remove this worker from the list of workers: {}", databaseUnavailable.getMessage());
        }
    }
}
