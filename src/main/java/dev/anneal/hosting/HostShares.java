package dev.anneal.hosting;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.springframework.http.HttpStatus;

/**
 * Decides which hosts end so that another one has a place and memory: the idle one that was used longest ago. If several projects
 * call models, each has a share of the places and of the memory. The pool guards it.
 */
final class HostShares {
    /** For so long after its last call, an idle host of a project does not end for one that has its share of the places. */
    private static final Duration RECENT = Duration.ofMinutes(1);

    private final HostSettings settings;
    private final HostPlaces places;
    private final LongSupplier clock;

    HostShares(HostSettings settings, HostPlaces places, LongSupplier nanoClock) {
        this.settings = settings;
        this.places = places;
        this.clock = nanoClock;
    }

    /**
     * Makes a place and memory for another host. Idle hosts end first, then those that should have ended a minute ago. If that is not
     * enough, a caller that has no host in use gets the place of one of another caller: of the one with the most hosts, at least
     * two. If memory is missing, it gets that of the caller with the most, more than it asks for, and of as many hosts as it needs.
     * They end after their last calls. If all of that is not enough, no host ends.
     */
    void makeRoom(long bytes, String caller) {
        HostRoom room =
                new HostRoom(settings.maxModels() - places.count(), settings.memoryBytes() - places.memory(), bytes);
        for (Host host : idle(caller)) {
            if (!room.isEnough()) {
                room.addPlace(host);
            }
        }
        for (Host host : places.overdue()) {
            if (!room.hasMemory()) {
                room.addMemory(host);
            }
        }
        // The only one may take more memory than the limit.
        boolean isAlone = room.chosen() == places.all().size();
        if (!room.isEnough() && !isAlone) {
            List<Host> taken = isUsing(caller)
                    ? List.of()
                    : room.hasMemory() ? ofMostHosts() : ofMostMemory(bytes, room.missing());
            if (taken.isEmpty()) {
                throw busy();
            }
            taken.forEach(room::addPlace);
        }
        for (Host host : room.needed()) {
            if (places.isEnding(host)) {
                places.close(host);
            } else {
                places.end(host);
            }
        }
    }

    private Problem busy() {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "models_busy",
                "All %d loaded models are in use, or other projects used them within the last minute. There is no room for another one (anneal.inference.max-models, anneal.inference.max-memory). Try again later."
                        .formatted(places.count()));
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
        for (Host host : places.placed()) {
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
        Set<String> callers = recentCallers();
        callers.add(caller);
        return Math.max(1, settings.maxModels() / callers.size());
    }

    private Set<String> recentCallers() {
        Set<String> callers = new HashSet<>();
        places.placed().stream().filter(this::isRecent).map(Host::holders).forEach(callers::addAll);
        return callers;
    }

    private boolean isRecent(Host host) {
        return host.wasUsedWithin(RECENT.toNanos(), clock.getAsLong());
    }

    private long held(String caller) {
        return places.placed().stream()
                .filter(host -> host.holders().contains(caller))
                .count();
    }

    private boolean isUsing(String caller) {
        return places.all().stream().anyMatch(host -> host.isUsedBy(caller));
    }

    /** Returns the host that was used longest ago of the caller that alone uses the most, at least two; none if there is none. */
    private List<Host> ofMostHosts() {
        List<Host> most = ofGreatest(host -> 1);
        return most.size() > 1 ? most.subList(0, 1) : List.of();
    }

    /**
     * Returns hosts of the caller that alone uses the most memory, more than another host needs. They have the memory that is
     * missing: the one that was used longest ago of those that have enough, or else the largest, and so on for the rest. Returns none
     * if all are not enough.
     */
    private List<Host> ofMostMemory(long bytes, long missing) {
        Map<Host, Long> left = new LinkedHashMap<>();
        ofGreatest(Host::bytes).forEach(host -> left.put(host, host.bytes()));
        long all = left.values().stream().mapToLong(Long::longValue).sum();
        if (all <= bytes || all < missing) {
            return List.of();
        }
        List<Host> taken = new ArrayList<>();
        for (long rest = missing; rest > 0; ) {
            long needed = rest;
            Map.Entry<Host, Long> next = left.entrySet().stream()
                    .filter(host -> host.getValue() >= needed)
                    .findFirst()
                    .orElseGet(() -> Collections.max(left.entrySet(), Map.Entry.comparingByValue()));
            taken.add(next.getKey());
            left.remove(next.getKey());
            rest -= next.getValue();
        }
        return taken;
    }

    /** Returns the hosts that one caller alone uses: the caller of which their sum is the greatest. */
    private List<Host> ofGreatest(ToLongFunction<Host> number) {
        Map<String, List<Host>> used = new HashMap<>();
        for (Host host : places.placed()) {
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

    /**
     * Ends hosts while all together take too much memory: caches grow after the start. Idle ones end first, the one that was used
     * longest ago before the others, but none that was used recently and only by callers that hold no more than their share of the
     * memory. Then those end that should have ended a minute ago.
     */
    void endBeyondMemory() {
        long excess = places.memory() - settings.memoryBytes();
        for (Host host : places.placed()) {
            if (excess > 0 && places.count() > 1 && host.isIdle() && (!isRecent(host) || isOfGreedy(host))) {
                excess -= host.bytes();
                places.end(host);
            }
        }
        for (Host host : places.overdue()) {
            if (excess > 0) {
                excess -= host.bytes();
                places.close(host);
            }
        }
    }

    /** Returns whether each caller that holds a host holds more than its share of the memory. */
    private boolean isOfGreedy(Host host) {
        long share = settings.memoryBytes() / recentCallers().size();
        return host.holders().stream()
                .allMatch(holder -> places.all().stream()
                                .filter(other -> other.holders().contains(holder))
                                .mapToLong(Host::bytes)
                                .sum()
                        > share);
    }
}
