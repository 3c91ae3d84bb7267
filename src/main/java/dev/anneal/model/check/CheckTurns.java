package dev.anneal.model.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Bounds how many checks run at once, and gives each project one at a time, so that its slow ones do not delay others. */
final class CheckTurns {
    private static final class Turn {
        final String project;

        Turn(String project) {
            this.project = project;
        }
    }

    private final int most;
    private final Set<String> running = new HashSet<>();
    /** In the order in which they came. */
    private final List<Turn> waiting = new ArrayList<>();

    CheckTurns(int most) {
        this.most = most;
    }

    /** Waits until a check of a project may run. {@link #end} must follow. */
    synchronized void begin(String project) throws InterruptedException {
        Turn turn = new Turn(project);
        waiting.add(turn);
        try {
            while (!isNext(turn)) {
                wait();
            }
            running.add(project);
        } finally {
            waiting.remove(turn);
            notifyAll();
        }
    }

    private boolean isNext(Turn turn) {
        Optional<Turn> next = waiting.stream()
                .filter(other -> !running.contains(other.project))
                .findFirst();
        return running.size() < most && next.equals(Optional.of(turn));
    }

    synchronized void end(String project) {
        running.remove(project);
        notifyAll();
    }

    synchronized int running() {
        return running.size();
    }

    synchronized int waiting() {
        return waiting.size();
    }
}
