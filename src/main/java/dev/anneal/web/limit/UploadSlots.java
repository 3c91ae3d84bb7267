package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits the uploads that are worked on at once. The more slots a project has, the more must be free for others: it gets another one
 * only if more are free than it has. So neither one project nor a few can have all of them.
 */
public final class UploadSlots {
    /** A slot that is taken; closing it gives it back. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    private final Map<String, Integer> taken = new HashMap<>();
    private final int inTotal;
    private final int perProject;
    private int total;

    public UploadSlots(int inTotal, int perProject) {
        this.inTotal = inTotal;
        this.perProject = perProject;
    }

    /** Takes a slot. Throws a problem if none is free. */
    public Slot take(String project) {
        return tryTake(project).orElseThrow(Problem::tooManyUploads);
    }

    /** Takes a slot, if one is free for the project. */
    public synchronized Optional<Slot> tryTake(String project) {
        int own = taken.getOrDefault(project, 0);
        if (own >= perProject || own >= inTotal - total) {
            return Optional.empty();
        }
        total++;
        taken.merge(project, 1, Integer::sum);
        return Optional.of(() -> giveBack(project));
    }

    private synchronized void giveBack(String project) {
        total--;
        taken.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }
}
