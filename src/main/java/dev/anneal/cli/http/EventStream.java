package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the events of a job or of an import, each once, from the first to the last. Reconnects if the connection is lost. */
public final class EventStream {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ATTEMPTS = 30;

    private final Api api;
    private final String path;
    private final Consumer<String> notices;
    private final String lost;
    private @Nullable String lastEventId;
    private boolean ended;

    private EventStream(Api api, Consumer<String> notices, String path, String lost) {
        this.api = api;
        this.path = path;
        this.notices = notices;
        this.lost = lost;
    }

    public static EventStream ofJob(Api api, String job, Consumer<String> notices) {
        return new EventStream(
                api,
                notices,
                "/jobs/" + Call.segment(job) + "/events",
                "The job may still be running. Follow it again: " + Shell.anneal("follow " + job));
    }

    /**
     * Returns the events at a path, such as those of an evaluation.
     *
     * @param lost the message if the connection is lost
     */
    public static EventStream of(Api api, String path, String lost, Consumer<String> notices) {
        return new EventStream(api, notices, path, lost);
    }

    public static EventStream ofModel(Api api, String model, Consumer<String> notices) {
        return new EventStream(
                api,
                notices,
                "/models/" + Call.segment(model) + "/events",
                "The import may still be running. See: " + Shell.anneal("model " + model));
    }

    public void read(Consumer<Event> events) throws IOException, InterruptedException {
        int failures = 0;
        while (!ended) {
            String before = lastEventId;
            try {
                readConnection(events);
            } catch (IOException dropped) {
                if (before == null && lastEventId == null) {
                    throw api.unreachable();
                }
            } catch (Problem problem) {
                if (!problem.mayPass() || lastEventId == null) {
                    throw problem;
                }
            }
            if (!ended) {
                boolean progress = lastEventId != null && !lastEventId.equals(before);
                failures = progress ? 0 : failures + 1;
                reconnect(failures);
            }
        }
    }

    /** Tries again at once, then after growing waits, so that a server has time to restart. */
    private void reconnect(int failures) throws InterruptedException {
        if (failures > ATTEMPTS) {
            throw new Failure("Connection lost. " + lost);
        }
        if (failures == 1) {
            notices.accept("connection lost, reconnecting");
        }
        if (failures > 0) {
            Thread.sleep(Math.min(5_000, 250L << Math.min(failures, 5)));
        }
    }

    /** Reads server-sent events: an empty line ends an event, a line that begins with a colon keeps the connection open. */
    private void readConnection(Consumer<Event> events) throws IOException, InterruptedException {
        try (Lines lines = api.stream(Call.events(path, lastEventId))) {
            String id = lastEventId;
            StringBuilder data = new StringBuilder();
            Optional<String> next = lines.next(PATIENCE);
            for (; next.isPresent() && !ended; next = lines.next(PATIENCE)) {
                String line = next.get();
                if (line.startsWith("id:")) {
                    id = value(line);
                } else if (line.startsWith("data:")) {
                    data.append(data.isEmpty() ? "" : "\n").append(value(line));
                } else if (line.isEmpty() && !data.isEmpty()) {
                    Event event = Event.of(data.toString());
                    data.setLength(0);
                    lastEventId = id;
                    ended = event.isLast();
                    events.accept(event);
                    if (ended) {
                        return;
                    }
                }
            }
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
