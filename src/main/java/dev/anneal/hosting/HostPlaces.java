package dev.anneal.hosting;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * The hosts that run, and which of them end so that another one has a place and memory: the idle one that was used longest ago.
 * If several projects call models, each has a share of the places. The pool guards it.
 */
final class HostPlaces {
    private static final Logger log = LoggerFactory.getLogger(HostPlaces.class);

    /** For so long after its last call, an idle host of a project does not end for one that has its share of the places. */
    private static final Duration RECENT = Duration.ofMinutes(1);

    private final HostSettings settings;
    private final LongSupplier clock;
    /** The hosts by model id, the one used longest ago first. */
    private final Map<String, Host> hosts = new LinkedHashMap<>(16, 0.75f, true);

    /** The hosts that have lost their places, and end after their last calls. */
    private final Set<Host> ending = new LinkedHashSet<>();

    HostPlaces(HostSettings settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.clock = nanoClock;
    }

    @Nullable
    Host get(String model) {
        return hosts.get(model);
    }

    void add(Host host) {
        hosts.put(host.model, host);
    }

    /** Takes its place from a host. It ends after its last call. */
    void end(Host host) {
        hosts.remove(host.model, host);
        ending.add(host);
        log.info("the host of {} ends", host.model);
        closeIfUnused(host);
    }

    /** Ends a host that has lost its place, once it has no calls. */
    void closeIfUnused(Host host) {
        HostProcess started = host.ifStarted();
        if (host.isIdle() && started != null && ending.remove(host)) {
            started.close();
        }
    }

    /** Removes a host whose process has ended. */
    void forget(Host host) {
        hosts.remove(host.model, host);
        ending.remove(host);
    }

    /** Returns the hosts that have places. */
    List<Host> placed() {
        return List.copyOf(hosts.values());
    }

    /** Returns all hosts, with those that end after their last calls. */
    List<Host> all() {
        List<Host> all = new ArrayList<>(hosts.values());
        all.addAll(ending);
        return all;
    }

    int count() {
        return hosts.size();
    }

    /** Returns the memory of all hosts. */
    long memory() {
        return all().stream().mapToLong(Host::bytes).sum();
    }

    /**
     * Ends idle hosts until there is a place and memory for another one. If that is not enough, ends none. A caller that has no
     * host in use then gets the place of one of another caller, which ends after its last call: of the one with the most hosts,
     * at least two, or if memory is missing, with the most memory.
     */
    void makeRoom(long bytes, String caller) {
        long places = settings.maxModels() - hosts.size();
        long memory = settings.memoryBytes() - memory();
        List<Host> chosen = new ArrayList<>();
        for (Host host : idle(caller)) {
            if (places <= 0 || memory < bytes) {
                chosen.add(host);
                places++;
                memory += host.bytes();
            }
        }
        // The only one may take more memory than the limit.
        boolean isAlone = chosen.size() == hosts.size() && ending.isEmpty();
        boolean hasMemory = memory >= bytes || isAlone;
        if (places <= 0 || !hasMemory) {
            Host taken = isUsing(caller) ? null : hasMemory ? ofMostHosts() : ofMostMemory(bytes, memory);
            if (taken == null) {
                throw busy();
            }
            chosen.add(taken);
        }
        chosen.forEach(this::end);
    }

    private Problem busy() {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "models_busy",
                "All %d loaded models are in use, or other projects used them within the last minute. There is no room for another one (anneal.inference.max-models, anneal.inference.max-memory). Try again later."
                        .formatted(hosts.size()));
    }

    /**
     * Returns the idle hosts in the order in which they end for a caller. For one that has its share of the places, its own are the
     * first, and those that other callers with no more than their share used recently stay.
     */
    private List<Host> idle(String caller) {
        int share = share(caller);
        boolean hasShare = held(caller) >= share;
        List<Host> own = new ArrayList<>();
        List<Host> others = new ArrayList<>();
        for (Host host : hosts.values()) {
            if (!host.isIdle()) {
                continue;
            }
            if (hasShare && host.holders().contains(caller)) {
                own.add(host);
            } else if (!hasShare
                    || !isRecent(host)
                    || host.holders().stream().allMatch(holder -> held(holder) > share)) {
                others.add(host);
            }
        }
        own.addAll(others);
        return own;
    }

    /** Returns how many places each caller has if all that used models recently have as many. */
    private int share(String caller) {
        Set<String> callers = new HashSet<>(Set.of(caller));
        hosts.values().stream().filter(this::isRecent).map(Host::holders).forEach(callers::addAll);
        return Math.max(1, settings.maxModels() / callers.size());
    }

    private boolean isRecent(Host host) {
        return host.wasUsedWithin(RECENT.toNanos(), clock.getAsLong());
    }

    private long held(String caller) {
        return hosts.values().stream()
                .filter(host -> host.holders().contains(caller))
                .count();
    }

    private boolean isUsing(String caller) {
        return all().stream().anyMatch(host -> host.isUsedBy(caller));
    }

    /** Returns the host that was used longest ago of the caller that alone uses the most, at least two; null if there is none. */
    private @Nullable Host ofMostHosts() {
        List<Host> most = ofGreatest(host -> 1);
        return most.size() > 1 ? most.get(0) : null;
    }

    /**
     * Returns the host that was used longest ago of the caller that alone uses the most memory, more than another host needs;
     * null if it would not make room.
     */
    private @Nullable Host ofMostMemory(long bytes, long free) {
        List<Host> most = ofGreatest(Host::bytes);
        boolean hasMore = most.stream().mapToLong(Host::bytes).sum() > bytes;
        return most.stream()
                .filter(host -> hasMore && free + host.bytes() >= bytes)
                .findFirst()
                .orElse(null);
    }

    /** Returns the hosts that one caller alone uses: the caller of which their sum is the greatest. */
    private List<Host> ofGreatest(ToLongFunction<Host> number) {
        Map<String, List<Host>> used = new HashMap<>();
        for (Host host : hosts.values()) {
            String only = host.onlyCaller();
            if (only != null) {
                used.computeIfAbsent(only, same -> new ArrayList<>()).add(host);
            }
        }
        List<Host> greatest = List.of();
        for (List<Host> each : used.values()) {
            if (sum(each, number) > sum(greatest, number)) {
                greatest = each;
            }
        }
        return greatest;
    }

    private static long sum(Collection<Host> hosts, ToLongFunction<Host> number) {
        return hosts.stream().mapToLong(number).sum();
    }

    /** Ends idle hosts while all together take too much memory: caches grow after the start. */
    void endIdleBeyondMemory() {
        long excess = memory() - settings.memoryBytes();
        for (Host host : placed()) {
            if (excess > 0 && hosts.size() > 1 && host.isIdle()) {
                excess -= host.bytes();
                end(host);
            }
        }
    }
}
