package dev.anneal.hosting;

import java.util.ArrayList;
import java.util.List;

/** Adds up the place and the memory that one more host gets if others end. */
final class HostRoom {
    private record Chosen(Host host, int places, long memory) {}

    private final long bytes;
    private final List<Chosen> chosen = new ArrayList<>();
    private long places;
    private long memory;

    /**
     * @param places that are free
     * @param memory that is free; less than 0 if the hosts take too much
     * @param bytes that the host needs
     */
    HostRoom(long places, long memory, long bytes) {
        this.places = places;
        this.memory = memory;
        this.bytes = bytes;
    }

    boolean hasMemory() {
        return memory >= bytes;
    }

    boolean isEnough() {
        return places > 0 && hasMemory();
    }

    long missing() {
        return bytes - memory;
    }

    /** Chooses a host that has a place. */
    void addPlace(Host host) {
        add(new Chosen(host, 1, host.bytes()));
    }

    /** Chooses a host that has lost its place and still has memory. */
    void addMemory(Host host) {
        add(new Chosen(host, 0, host.bytes()));
    }

    private void add(Chosen host) {
        chosen.add(host);
        places += host.places();
        memory += host.memory();
    }

    /** Returns how many hosts are chosen. */
    int chosen() {
        return chosen.size();
    }

    /** Returns the chosen hosts without those that need not end, of which the last in their order stay first. */
    List<Host> needed() {
        List<Chosen> needed = new ArrayList<>(chosen);
        for (int i = chosen.size() - 1; i >= 0; i--) {
            Chosen host = chosen.get(i);
            if (places > host.places() && memory - host.memory() >= bytes) {
                needed.remove(i);
                places -= host.places();
                memory -= host.memory();
            }
        }
        return needed.stream().map(Chosen::host).toList();
    }
}
