package dev.anneal.web.limit;

import java.util.HashMap;
import java.util.Map;

/** The forms that arrive now. A sender can have a fifth of the places. */
final class FormPlaces {
    private final Map<String, Integer> arriving = new HashMap<>();
    private final int most;
    private final int mostOfOne;
    private int total;

    FormPlaces(int most) {
        this.most = most;
        this.mostOfOne = Math.max(1, most / 5);
    }

    /** Takes a place. Returns false if there is none for the sender. */
    synchronized boolean take(String sender) {
        int own = arriving.getOrDefault(sender, 0);
        if (total >= most || own >= mostOfOne) {
            return false;
        }
        arriving.put(sender, own + 1);
        total++;
        return true;
    }

    /** Must be called once for each place that was taken. */
    synchronized void giveBack(String sender) {
        arriving.computeIfPresent(sender, (who, count) -> count == 1 ? null : count - 1);
        total--;
    }
}
