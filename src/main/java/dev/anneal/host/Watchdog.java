package dev.anneal.host;

import dev.anneal.host.message.HostAnswer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Bounds the time of each step. If one takes too long, it tells the server which, and ends this process, because native code
 * cannot be interrupted. While calls are in progress, it tells the server once a second that the process is alive.
 */
final class Watchdog {
    private static final long INTERVAL_MILLIS = 1000;

    private static final class Step {
        final String name;
        final double seconds;
        final long started = System.nanoTime();

        Step(String name, double seconds) {
            this.name = name;
            this.seconds = seconds;
        }

        boolean isOverdue() {
            return (System.nanoTime() - started) / 1e9 > seconds;
        }
    }

    private final Set<Step> steps = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private final HostOutput output;
    private final double stallSeconds;

    Watchdog(HostOutput output, double stallSeconds) {
        this.output = output;
        this.stallSeconds = stallSeconds;
        Thread thread = new Thread(this::run, "watchdog");
        thread.setDaemon(true);
        thread.setPriority(Thread.MAX_PRIORITY);
        thread.start();
    }

    void callBegins() {
        calls.incrementAndGet();
    }

    void callEnds() {
        calls.decrementAndGet();
    }

    /** Runs a step that may take the usual time. The name completes the sentence "It took more than 60 s to …". */
    <T> T within(String name, Supplier<T> work) {
        return within(stallSeconds, name, work);
    }

    <T> T within(double seconds, String name, Supplier<T> work) {
        Step step = new Step(name, seconds);
        steps.add(step);
        try {
            return work.get();
        } finally {
            steps.remove(step);
        }
    }

    private void run() {
        while (true) {
            try {
                Thread.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            steps.stream().filter(Step::isOverdue).findFirst().ifPresent(step -> {
                output.write(HostAnswer.stalled("It took more than %.0f s to %s.".formatted(step.seconds, step.name)));
                Runtime.getRuntime().halt(1);
            });
            if (calls.get() > 0) {
                output.write(HostAnswer.isAlive());
            }
        }
    }
}
