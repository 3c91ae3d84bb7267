package dev.anneal.job;

import dev.anneal.json.Json;
import dev.anneal.local.ForRole;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The open event streams of this process. One query a tick asks how far the watched jobs are; a stream whose job has
 * gone on is then written by a thread of a pool, so that a slow client holds up none but itself.
 */
@Component
@ForRole("api")
class EventStreams implements SmartLifecycle {
    private static final int PAGE = 500;
    private static final long HEARTBEAT_MILLIS = 15_000;

    private record Reached(long lastEvent, JobStatus status) {}

    private static final class Stream {
        final String jobId;
        final SseEmitter emitter = new SseEmitter(0L);
        long last;
        long lastWrite = System.currentTimeMillis();
        boolean busy;

        Stream(String jobId, long last) {
            this.jobId = jobId;
            this.last = last;
        }
    }

    private final JobEvents events;
    private final JdbcClient jdbc;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private volatile ExecutorService writers;

    EventStreams(JobEvents events, JdbcClient jdbc, MeterRegistry meters) {
        this.events = events;
        this.jdbc = jdbc;
        meters.gauge("anneal.event.streams", streams, Set::size);
    }

    SseEmitter open(String jobId, long after) {
        Stream stream = new Stream(jobId, after);
        Runnable forget = () -> streams.remove(stream);
        stream.emitter.onCompletion(forget);
        stream.emitter.onError(e -> forget.run());
        streams.add(stream);
        if (!isRunning()) {
            stream.emitter.complete();
        }
        return stream.emitter;
    }

    @Scheduled(fixedDelayString = "${anneal.events.poll:200ms}")
    void tick() {
        if (streams.isEmpty() || !isRunning()) {
            return;
        }
        Map<String, Reached> reached = new HashMap<>();
        jdbc.sql("select id, last_event, status from jobs where id = any(:ids)")
                .param("ids", streams.stream().map(s -> s.jobId).distinct().toArray(String[]::new))
                .query(row -> {
                    reached.put(row.getString(1), new Reached(row.getLong(2), JobStatus.valueOf(row.getString(3))));
                });
        for (Stream stream : streams) {
            Reached job = reached.get(stream.jobId);
            synchronized (stream) {
                boolean quiet = System.currentTimeMillis() - stream.lastWrite > HEARTBEAT_MILLIS;
                boolean due = job == null
                        || job.lastEvent() > stream.last
                        || job.status().isTerminal()
                        || quiet;
                if (!due || stream.busy) {
                    continue;
                }
                stream.busy = true;
            }
            execute(stream, job);
        }
    }

    private void execute(Stream stream, Reached job) {
        ExecutorService open = writers;
        try {
            if (open != null) {
                open.execute(() -> write(stream, job));
            }
        } catch (RejectedExecutionException stopping) {
            // the stream is completed by stop()
        }
    }

    /** Only the thread that made the stream busy is here. */
    private void write(Stream stream, Reached job) {
        try {
            if (job != null && job.lastEvent() > stream.last) {
                for (JobEvents.Event event : events.after(stream.jobId, stream.last, PAGE)) {
                    stream.emitter.send(SseEmitter.event()
                            .id(String.valueOf(event.id()))
                            .name(event.type())
                            .data(Json.write(event)));
                    stream.last = event.id();
                }
            } else if (job != null && !job.status().isTerminal()) {
                stream.emitter.send(SseEmitter.event().comment("still here"));
            }
            if (job == null || (job.status().isTerminal() && stream.last >= job.lastEvent())) {
                stream.emitter.complete();
                streams.remove(stream);
            }
        } catch (Exception gone) {
            stream.emitter.completeWithError(gone);
            streams.remove(stream);
        } finally {
            synchronized (stream) {
                stream.lastWrite = System.currentTimeMillis();
                stream.busy = false;
            }
        }
    }

    @Override
    public void start() {
        writers = Executors.newCachedThreadPool();
    }

    /** Before the web server drains, or it would wait for streams that never end. */
    @Override
    public void stop() {
        ExecutorService stopped = writers;
        writers = null;
        stopped.shutdown();
        streams.forEach(stream -> stream.emitter.complete());
        streams.clear();
    }

    @Override
    public boolean isRunning() {
        return writers != null;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
