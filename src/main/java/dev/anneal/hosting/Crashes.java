package dev.anneal.hosting;

import dev.anneal.model.Health;
import dev.anneal.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.springframework.http.HttpStatus;

/**
 * The crashes of model hosts, by model and caller. After a crash, the model starts again at the caller's next call; after
 * further ones, with growing delays. A model that crashed {@value #MAX_CRASHES} times within ten minutes while it computed calls
 * of the same caller does not serve that caller until ten minutes have passed, because the model or a text of the caller is at
 * fault. A crash while the model was loaded counts for all callers.
 *
 * <p>If a host computed calls of several callers when it crashed, or a call while it loaded the model, the crash counts for nobody. For ten minutes, the
 * model's hosts then compute one step at a time, with calls of one caller, so that the next crash shows whose call it was.
 */
final class Crashes {
    static final int MAX_CRASHES = 3;

    /** Stands for all callers: the model was loaded. */
    static final String ALL = "";

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final long DELAY = Duration.ofSeconds(1).toNanos();

    private record Key(String model, String caller) {}

    private record Crash(long at, Instant time, String reason) {}

    private final Map<Key, Deque<Crash>> crashes = new HashMap<>();
    /** The time of the last crash of a model that counted for nobody. */
    private final Map<String, Long> unexplained = new HashMap<>();

    private final LongSupplier clock;

    Crashes(LongSupplier nanoClock) {
        this.clock = nanoClock;
    }

    /** Counts a crash of a host that computed calls of these callers, or loaded its model. */
    synchronized void add(String model, Set<String> callers, String reason) {
        if (callers.size() == 1) {
            count(model, callers.iterator().next(), reason);
        } else if (!callers.isEmpty()) {
            unexplained.put(model, clock.getAsLong());
        }
    }

    /** Returns whether the hosts of a model must compute the calls of each caller separately. */
    synchronized boolean isSeparate(String model) {
        Long last = unexplained.get(model);
        boolean isRecent = last != null && clock.getAsLong() - last <= WINDOW.toNanos();
        if (!isRecent) {
            unexplained.remove(model);
        }
        return isRecent;
    }

    private void count(String model, String caller, String reason) {
        Deque<Crash> known = crashes.computeIfAbsent(new Key(model, caller), key -> new ArrayDeque<>());
        known.addLast(new Crash(clock.getAsLong(), Instant.now().truncatedTo(ChronoUnit.MILLIS), reason));
        if (known.size() > MAX_CRASHES) {
            known.removeFirst();
        }
    }

    /** Returns the problem if the model is not to be started for the caller now. */
    synchronized Optional<Problem> refusal(String model, String caller) {
        return refusalOf(model, ALL).or(() -> refusalOf(model, caller));
    }

    private Optional<Problem> refusalOf(String model, String caller) {
        Deque<Crash> known = recent(model, caller);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Crash last = known.getLast();
        if (known.size() >= MAX_CRASHES) {
            return Optional.of(Problem.unprocessable(
                    "model_unhealthy",
                    "The process of the model '%s' ended %d times within 10 minutes, so it does not serve %s before 10 minutes have passed. The last time: %s"
                            .formatted(
                                    model,
                                    known.size(),
                                    caller.equals(ALL) ? "any project" : "this project",
                                    last.reason())));
        }
        long left = known.size() > 1 ? last.at() + DELAY * (1L << (known.size() - 2)) - clock.getAsLong() : 0;
        return left > 0 ? Optional.of(delayed(model, caller, last.reason(), left)) : Optional.empty();
    }

    private static Problem delayed(String model, String caller, String reason, long nanos) {
        int seconds = (int) Duration.ofNanos(nanos).plusNanos(999_999_999).toSeconds();
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "model_crashed",
                "The process that serves the model '%s' ended. %s It can be started again%s in %d s."
                        .formatted(model, reason, caller.equals(ALL) ? "" : " for this project", seconds),
                seconds);
    }

    /** Returns the crashes of the last ten minutes that count for a caller, the last one at the end. */
    private Deque<Crash> recent(String model, String caller) {
        Key key = new Key(model, caller);
        Deque<Crash> known = crashes.get(key);
        if (known == null) {
            return new ArrayDeque<>();
        }
        long now = clock.getAsLong();
        known.removeIf(crash -> now - crash.at() > WINDOW.toNanos());
        if (known.isEmpty()) {
            crashes.remove(key);
        }
        return known;
    }

    /** Returns why the model does not serve the caller; nothing if it does, or will after a delay of seconds. */
    synchronized Optional<Health> health(String model, String caller) {
        return healthOf(model, ALL).or(() -> healthOf(model, caller));
    }

    private Optional<Health> healthOf(String model, String caller) {
        Deque<Crash> known = recent(model, caller);
        if (known.size() < MAX_CRASHES) {
            return Optional.empty();
        }
        boolean isLoading = caller.equals(ALL);
        return Optional.of(
                new Health(
                        "unhealthy",
                        known.getLast().time(),
                        known.getFirst().time().plus(WINDOW),
                        "The process of the model ended %d times within 10 minutes %s. The last time: %s"
                                .formatted(
                                        known.size(),
                                        isLoading
                                                ? "while it loaded the model"
                                                : "while it computed calls of this project",
                                        known.getLast().reason()),
                        isLoading
                                ? "No project can call the model until then. Check its files and the memory of the server. The server log has the last lines of the process."
                                : "This project cannot call the model until then. Find the text that ends the process, and do not send it again. The server log has the last lines of the process."));
    }

    synchronized void forget(String model) {
        crashes.keySet().removeIf(key -> key.model().equals(model));
        unexplained.remove(model);
    }
}
