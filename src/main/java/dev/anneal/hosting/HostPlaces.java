package dev.anneal.hosting;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The hosts that run: those that have places, and those that have lost them and end after their last calls. The pool guards it. */
final class HostPlaces {
    private static final Logger log = LoggerFactory.getLogger(HostPlaces.class);

    /** For so long, the calls of a host that has lost its place may take its memory from others. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final LongSupplier clock;
    /** The hosts by model id, the one used longest ago first. */
    private final Map<String, Host> hosts = new LinkedHashMap<>(16, 0.75f, true);

    /** The hosts that have lost their places and end after their last calls, with the time at which they lost them. */
    private final Map<Host, Long> ending = new LinkedHashMap<>();

    HostPlaces(LongSupplier nanoClock) {
        this.clock = nanoClock;
    }

    @Nullable
    Host get(String model) {
        return hosts.get(model);
    }

    void add(Host host) {
        hosts.put(host.model, host);
    }

    /** Takes its place from a host. It ends after its last call, or after a minute if another one needs its memory. */
    void end(Host host) {
        hosts.remove(host.model, host);
        ending.put(host, clock.getAsLong());
        log.info("the host of {} ends", host.model);
        closeIfUnused(host);
    }

    /** Ends a host that has lost its place, once it has no calls. */
    void closeIfUnused(Host host) {
        HostProcess started = host.ifStarted();
        if (host.isIdle() && started != null && ending.remove(host) != null) {
            started.close();
        }
    }

    /** Ends a host that has lost its place. The calls that it still has fail. */
    void close(Host host) {
        HostProcess started = host.ifStarted();
        if (started != null && ending.remove(host) != null) {
            log.warn("the host of {} is closed before its last call: its memory is missing", host.model);
            started.close();
        }
    }

    /** Returns the hosts that lost their places more than a minute ago and still have calls. */
    List<Host> overdue() {
        long now = clock.getAsLong();
        return ending.entrySet().stream()
                .filter(host ->
                        now - host.getValue() > GRACE.toNanos() && host.getKey().ifStarted() != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Removes a host whose process has ended. */
    void forget(Host host) {
        hosts.remove(host.model, host);
        ending.remove(host);
    }

    /** Returns whether a host has lost its place. */
    boolean isEnding(Host host) {
        return ending.containsKey(host);
    }

    /** Returns the hosts that have places, the one used longest ago first. */
    List<Host> placed() {
        return List.copyOf(hosts.values());
    }

    /** Returns all hosts, with those that end after their last calls. */
    List<Host> all() {
        List<Host> all = new ArrayList<>(hosts.values());
        all.addAll(ending.keySet());
        return all;
    }

    int count() {
        return hosts.size();
    }

    /** Returns the memory of all hosts. */
    long memory() {
        return all().stream().mapToLong(Host::bytes).sum();
    }
}
