package dev.anneal.hosting;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The crashes of model hosts, by model and caller. After a crash, the model starts again at the caller's next call; after
 * further ones, with growing delays. A model that crashed {@value #MAX_CRASHES} times within ten minutes with calls of the same
 * caller does not serve that caller until ten minutes have passed, because the model or a text of the caller is at fault.
 */
final class Crashes {
    static final int MAX_CRASHES = 3;
    private static final long WINDOW = Duration.ofMinutes(10).toNanos();
    private static final long DELAY = Duration.ofSeconds(1).toNanos();

    private record Key(String model, String caller) {}

    private record Crash(long at, String reason) {}

    private final Map<Key, Deque<Crash>> crashes = new HashMap<>();
    private final LongSupplier clock;

    Crashes(LongSupplier nanoClock) {
        this.clock = nanoClock;
    }

    synchronized void add(String model, String caller, String reason) {
        Deque<Crash> known = crashes.computeIfAbsent(new Key(model, caller), key -> new ArrayDeque<>());
        known.addLast(new Crash(clock.getAsLong(), reason));
        if (known.size() > MAX_CRASHES) {
            known.removeFirst();
        }
    }

    /** Returns the problem if the model is not to be started for the caller now. */
    synchronized Optional<Problem> refusal(String model, String caller) {
        Key key = new Key(model, caller);
        Deque<Crash> known = crashes.get(key);
        if (known == null) {
            return Optional.empty();
        }
        long now = clock.getAsLong();
        known.removeIf(crash -> now - crash.at() > WINDOW);
        if (known.isEmpty()) {
            crashes.remove(key);
            return Optional.empty();
        }
        Crash last = known.getLast();
        if (known.size() >= MAX_CRASHES) {
            return Optional.of(Problem.unprocessable(
                    "model_unhealthy",
                    "The process of the model '%s' ended %d times within 10 minutes, so it does not serve this project before 10 minutes have passed. The last time: %s"
                            .formatted(model, known.size(), last.reason())));
        }
        boolean tooSoon = known.size() > 1 && now - last.at() < DELAY * (1L << (known.size() - 2));
        return tooSoon ? Optional.of(HostPool.ended(model, false, last.reason())) : Optional.empty();
    }

    synchronized void forget(String model) {
        crashes.keySet().removeIf(key -> key.model().equals(model));
    }
}
