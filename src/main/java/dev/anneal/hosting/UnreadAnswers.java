package dev.anneal.hosting;

import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Bounds the memory of answers that clients have not read yet, for each project and in total. A project without any can always
 * have one.
 */
@Component
public class UnreadAnswers {
    private static final long MAX_BYTES_OF_PROJECT = 64L << 20;

    private final Map<String, Long> unread = new HashMap<>();
    private final long maxOfProject;
    private final long maxInTotal;
    private long total;

    @Autowired
    UnreadAnswers() {
        this(
                MAX_BYTES_OF_PROJECT,
                Math.max(MAX_BYTES_OF_PROJECT, Runtime.getRuntime().maxMemory() / 8));
    }

    UnreadAnswers(long maxOfProject, long maxInTotal) {
        this.maxOfProject = maxOfProject;
        this.maxInTotal = maxInTotal;
    }

    /** Returns the problem of a project that has no room for an answer. */
    public static Problem tooMany() {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "too_many_unread_answers",
                "This project has answers of too many bytes that were not read yet. Read them, then try again.");
    }

    /** Counts an answer, or a part of one. Returns false, and counts nothing, if there is no room for it. */
    public synchronized boolean add(String project, long bytes) {
        long before = unread.getOrDefault(project, 0L);
        if (before > 0 && (before + bytes > maxOfProject || total + bytes > maxInTotal)) {
            return false;
        }
        unread.put(project, before + bytes);
        total += bytes;
        return true;
    }

    /** Must be called once for each {@link #add} that returned true, when the bytes are written or given up. */
    public synchronized void remove(String project, long bytes) {
        if (bytes == 0) {
            return;
        }
        unread.computeIfPresent(project, (same, before) -> before <= bytes ? null : Long.valueOf(before - bytes));
        total -= bytes;
    }
}
