package dev.anneal.host;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.RunningSteps;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the time of each step, and records whose calls it computes. If a step takes too long, it tells the server which, and
 * ends this process, because native code cannot be interrupted. While calls are in progress, it tells the server once a second
 * that the process is alive.
 */
final class Watchdog {
    private static final long INTERVAL_MILLIS = 1000;
    private static final long[] LOADING = {RunningSteps.LOADING};

    private static final class Step {
        final String name;
        final double seconds;
        final long[] calls;
        final long started = System.nanoTime();

        Step(String name, double seconds, long[] calls) {
            this.name = name;
            this.seconds = seconds;
            this.calls = calls;
        }

        boolean isOverdue() {
            return (System.nanoTime() - started) / 1e9 > seconds;
        }
    }

    private final Set<Step> steps = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private final LongAdder batches = new LongAdder();
    private final LongAdder texts = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final HostOutput output;
    private final RunningSteps record;
    private final double stallSeconds;

    /** Held during each step if one is computed at a time. */
    private final @Nullable ReentrantLock alone;

    Watchdog(HostOutput output, RunningSteps record, double stallSeconds, boolean isSeparate) {
        this.output = output;
        this.record = record;
        this.stallSeconds = stallSeconds;
        this.alone = isSeparate ? new ReentrantLock(true) : null;
        Thread thread = new Thread(this::run, "watchdog");
        thread.setDaemon(true);
        thread.setPriority(Thread.MAX_PRIORITY);
        thread.start();
    }

    /** Returns whether a step may have calls of one caller only. */
    boolean isSeparate() {
        return alone != null;
    }

    void callBegins() {
        calls.incrementAndGet();
    }

    void callEnds() {
        calls.decrementAndGet();
    }

    /** Runs a step of one call. The name completes the sentence "It took more than 60 s to …". */
    <T> T within(String name, HostCall call, Supplier<T> work) {
        return within(stallSeconds, name, new long[] {call.id()}, work);
    }

    /** Runs a batch of texts of several calls, whose ids may repeat, and counts it. */
    <T> T within(String name, Collection<Long> calls, Supplier<T> work) {
        long[] ids = calls.stream().mapToLong(Long::longValue).distinct().toArray();
        long began = System.nanoTime();
        try {
            return within(stallSeconds, name, ids, work);
        } finally {
            batches.increment();
            texts.add(calls.size());
            nanos.add(System.nanoTime() - began);
        }
    }

    /** Loads the model. If this ends the process, the model is at fault and not a call. */
    <T> T load(double seconds, Supplier<T> work) {
        return within(seconds, "load the model", LOADING, work);
    }

    private <T> T within(double seconds, String name, long[] calls, Supplier<T> work) {
        if (alone != null) {
            alone.lock();
        }
        int place = record.begin(calls);
        Step step = new Step(name, seconds, calls);
        steps.add(step);
        try {
            return work.get();
        } finally {
            steps.remove(step);
            record.end(place);
            if (alone != null) {
                alone.unlock();
            }
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
                output.write(HostAnswer.stalled(new HostAnswer.Stalled(
                        "It took more than %.0f s to %s.".formatted(step.seconds, step.name),
                        Arrays.stream(step.calls).boxed().toList())));
                Runtime.getRuntime().halt(1);
            });
            if (calls.get() > 0) {
                output.write(HostAnswer.isAlive());
            }
            long computed = batches.sumThenReset();
            if (computed > 0) {
                output.write(HostAnswer.computed(
                        new HostAnswer.Computed(computed, texts.sumThenReset(), nanos.sumThenReset() / 1e9)));
            }
        }
    }
}
