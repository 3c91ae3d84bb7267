package dev.anneal.worker;

import dev.anneal.role.ForRole;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Keeps this process in the list of workers for as long as it takes jobs. */
@Component
@ForRole("worker")
class Registration {
    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    private final Workers workers;
    private final long periodMillis;
    private volatile String id = newId();
    private List<Slot> slots;
    private ScheduledExecutorService heart;
    private WorkerStatus status = WorkerStatus.active;

    Registration(Workers workers, @Value("${anneal.worker.heartbeat:1s}") Duration period) {
        this.workers = workers;
        this.periodMillis = period.toMillis();
    }

    /** A process may start its worker more than once, and a process id come again. */
    private static String newId() {
        return Worker.identity() + "-" + Integer.toString(new SecureRandom().nextInt(36 * 36 * 36 * 36), 36);
    }

    String id() {
        return id;
    }

    /** Under a new id: whoever was drained starts afresh. */
    synchronized void enter(List<Slot> slots) {
        this.id = newId();
        this.slots = slots;
        this.status = WorkerStatus.active;
        beat();
        heart = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread thread = new Thread(r, "registration");
            thread.setDaemon(true);
            return thread;
        });
        heart.scheduleWithFixedDelay(this::beat, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }

    private synchronized void beat() {
        if (slots == null) {
            return;
        }
        try {
            WorkerStatus now = workers.seen(id).orElseGet(() -> workers.register(id, slots));
            if (now != status) {
                log.info(now == WorkerStatus.draining ? "drained: takes no more jobs" : "takes jobs again");
                status = now;
            }
        } catch (RuntimeException databaseAway) {
            log.warn("this worker is not in the list of workers: {}", databaseAway.getMessage());
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
        } catch (RuntimeException databaseAway) {
            log.warn("this worker stays in the list of workers: {}", databaseAway.getMessage());
        }
    }
}
