package dev.anneal.worker;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.job.queue.JobQueued;
import dev.anneal.log.OutOfMemory;
import dev.anneal.role.ForRole;
import dev.anneal.worker.executor.Slot;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The slots of this process. Each claims a job from the queue, runs it, and claims the next. If the program was replaced meanwhile,
 * they claim none until the server is restarted.
 */
@Component
@ForRole("worker")
class Worker implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private final JobQueue queue;
    private final AttemptRunner runs;
    private final RunningAttempts attempts;
    private final WorkerRegistration registration;
    private final WorkDirectory work;
    private final ChildJvm children;
    private final MeterRegistry meters;
    private final long pollMillis;
    private final List<Slot> slots;
    private final AtomicInteger busy = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final Object jobQueued = new Object();
    private volatile boolean running;

    Worker(
            JobQueue queue,
            AttemptRunner runs,
            RunningAttempts attempts,
            WorkerRegistration registration,
            WorkDirectory work,
            ChildJvm children,
            MeterRegistry meters,
            TorchSettings torch,
            WorkerSettings settings) {
        this.queue = queue;
        this.runs = runs;
        this.attempts = attempts;
        this.registration = registration;
        this.meters = meters;
        this.work = work;
        this.children = children;
        this.pollMillis = settings.poll().toMillis();
        this.slots = Slot.of(settings.devices(), settings.memory(), torch);
        meters.gauge("anneal.worker.slots", slots, List::size);
        meters.gauge("anneal.worker.busy", busy);
    }

    @Override
    public void start() {
        running = true;
        attempts.start();
        try {
            work.removeAbandoned();
        } catch (java.io.IOException e) {
            log.warn("cannot remove abandoned work directories", e);
        }
        registration.enter(slots);
        for (Slot slot : slots) {
            Thread thread = new Thread(() -> serve(slot), slot.name());
            thread.start();
            threads.add(thread);
        }
        log.info(
                "worker {} started with {}",
                registration.id(),
                slots.stream().map(Slot::describe).collect(Collectors.joining("; ")));
    }

    private void serve(Slot slot) {
        while (running) {
            Optional<Attempt> attempt = children.isProgramReplaced() ? Optional.empty() : claim(slot);
            if (attempt.isEmpty()) {
                await();
                continue;
            }
            busy.incrementAndGet();
            MDC.put("job", attempt.get().jobId());
            try {
                runs.run(attempt.get(), slot);
            } catch (Throwable fault) {
                OutOfMemory.endIf(fault);
                log.error("the attempt failed unexpectedly; its lease will expire", fault);
            } finally {
                MDC.remove("job");
                busy.decrementAndGet();
            }
        }
    }

    private Optional<Attempt> claim(Slot slot) {
        try {
            return meters.timer("anneal.claims")
                    .record(() -> queue.claim(registration.id() + "/" + slot.name(), slot.memory()));
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot claim jobs: {}", databaseUnavailable.getMessage());
            return Optional.empty();
        }
    }

    private void await() {
        synchronized (jobQueued) {
            try {
                if (running) {
                    jobQueued.wait(pollMillis);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @TransactionalEventListener(fallbackExecution = true)
    void on(JobQueued queued) {
        wake();
    }

    private void wake() {
        synchronized (jobQueued) {
            jobQueued.notifyAll();
        }
    }

    /** Returns an identity that tells this process from all others that may hold a job. */
    static String identity() {
        return host() + "-" + ProcessHandle.current().pid();
    }

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (java.net.UnknownHostException e) {
            return "worker";
        }
    }

    /** Claims no more jobs, and releases the running ones for another worker or the next start. */
    @Override
    public void stop() {
        running = false;
        attempts.stopAll();
        wake();
        // Leaves time to record the end of killed trainers, but does not wait for a store that hangs.
        long end = System.nanoTime() + attempts.stopTimeout().plusSeconds(4).toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        threads.clear();
        registration.leave();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
