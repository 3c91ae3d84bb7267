package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.Map;

/** Limits the uploads that are worked on at once. One project cannot have all of them, so that others can upload, too. */
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
    public synchronized Slot take(String project) {
        if (total >= inTotal || taken.getOrDefault(project, 0) >= perProject) {
            throw Problem.tooManyUploads();
        }
        total++;
        taken.merge(project, 1, Integer::sum);
        return () -> giveBack(project);
    }

    private synchronized void giveBack(String project) {
        total--;
        taken.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }
}
