package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Limits the downloads of a project: each has a thread as long as the client reads. */
@Component
public class DownloadLimit {
    private static final int MAX_PER_PROJECT = 16;

    private final Map<String, Integer> running = new HashMap<>();

    /** Returns a body that counts as a download until it is written. Throws a problem if the project has too many downloads. */
    public StreamingResponseBody count(String project, StreamingResponseBody body) {
        begin(project);
        return out -> {
            try {
                body.writeTo(out);
            } finally {
                end(project);
            }
        };
    }

    /** Reads something that counts as a download meanwhile. Throws a problem if the project has too many downloads. */
    public <T> T within(String project, Read<T> read) throws IOException {
        begin(project);
        try {
            return read.read();
        } finally {
            end(project);
        }
    }

    /** Reads from a file that may have to be fetched. */
    public interface Read<T> {
        T read() throws IOException;
    }

    private synchronized void begin(String project) {
        int now = running.getOrDefault(project, 0);
        if (now >= MAX_PER_PROJECT) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_downloads",
                    "The project has %d downloads in progress, which is the limit. Try again when one has ended."
                            .formatted(now));
        }
        running.put(project, now + 1);
    }

    private synchronized void end(String project) {
        running.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }
}
