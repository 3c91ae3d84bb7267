package dev.anneal.event;

import dev.anneal.json.Json;
import dev.anneal.security.Caller;
import dev.anneal.security.CredentialStatus;
import dev.anneal.web.limit.StreamLimit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpMethod;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The open event streams of this process. One query per tick returns the last events of everything that is watched. A thread
 * of a pool then writes to each stream that is behind, so that a slow client delays only itself.
 */
public class EventStreams implements SmartLifecycle, SchedulingConfigurer {
    private static final int PAGE = 500;
    private static final long HEARTBEAT_MILLIS = 15_000;

    private static final class Stream {
        final String id;
        final Caller reader;
        final SseEmitter emitter = new SseEmitter(0L);
        long last;
        long lastWrite = System.currentTimeMillis();
        final Runnable ended;
        boolean busy;

        Stream(String id, Caller reader, long last, Runnable ended) {
            this.ended = ended;
            this.id = id;
            this.reader = reader;
            this.last = last;
        }
    }

    private final EventLog events;
    private final Set<String> lastStatuses;
    private final EventSettings settings;
    private final StreamLimit limit;
    private final CredentialStatus credentials;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    /** Runs while this component does. */
    private volatile @Nullable ExecutorService writers;

    /** A stream ends after an event with one of {@code lastStatuses}. */
    protected EventStreams(
            EventLog events,
            Set<String> lastStatuses,
            StreamLimit limit,
            CredentialStatus credentials,
            EventSettings settings) {
        this.settings = settings;
        this.limit = limit;
        this.credentials = credentials;
        this.events = events;
        this.lastStatuses = lastStatuses;
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(this::tick, settings.poll());
        tasks.addFixedDelayTask(this::endRevoked, settings.check());
    }

    /** Returns the number of open streams. */
    protected final int count() {
        return streams.size();
    }

    /** Opens a stream. That of a HEAD request, which only asks whether there is one, ends at once. */
    public SseEmitter open(String id, long after) {
        if (isHead()) {
            SseEmitter nothing = new SseEmitter(0L);
            nothing.complete();
            return nothing;
        }
        Stream stream = new Stream(id, Caller.current(), after, limit.open());
        Runnable forget = () -> forget(stream);
        stream.emitter.onCompletion(forget);
        stream.emitter.onError(e -> forget.run());
        streams.add(stream);
        if (!isRunning()) {
            stream.emitter.complete();
        }
        return stream.emitter;
    }

    private static boolean isHead() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes servlet
                && HttpMethod.HEAD.matches(servlet.getRequest().getMethod());
    }

    private void forget(Stream stream) {
        if (streams.remove(stream)) {
            stream.ended.run();
        }
    }

    public void tick() {
        if (streams.isEmpty() || !isRunning()) {
            return;
        }
        List<String> ids = streams.stream().map(s -> s.id).distinct().toList();
        Map<String, EventLog.Reached> reached = events.reached(ids);
        for (Stream stream : streams) {
            EventLog.Reached now = reached.get(stream.id);
            synchronized (stream) {
                boolean quiet = System.currentTimeMillis() - stream.lastWrite > HEARTBEAT_MILLIS;
                boolean due = now == null || now.lastEvent() > stream.last || isLast(now) || quiet;
                if (!due || stream.busy) {
                    continue;
                }
                stream.busy = true;
            }
            execute(stream, now);
        }
    }

    /** Ends the streams of callers whose keys, tokens or sessions were revoked, have expired or have ended. */
    public void endRevoked() {
        if (streams.isEmpty()) {
            return;
        }
        Set<Caller> refused = credentials.revokedOrExpired(
                streams.stream().map(stream -> stream.reader).collect(Collectors.toSet()));
        for (Stream stream : streams) {
            if (refused.contains(stream.reader)) {
                stream.emitter.complete();
                forget(stream);
            }
        }
    }

    private boolean isLast(EventLog.Reached now) {
        return lastStatuses.contains(now.status());
    }

    private void execute(Stream stream, EventLog.@Nullable Reached now) {
        ExecutorService open = writers;
        try {
            if (open != null) {
                open.execute(() -> write(stream, now));
            }
        } catch (RejectedExecutionException stopping) {
            // the stream is completed by stop()
        }
    }

    /** Only the thread that marked the stream as busy calls this. */
    private void write(Stream stream, EventLog.@Nullable Reached now) {
        try {
            if (now != null && now.lastEvent() > stream.last) {
                for (Event event : events.after(stream.id, stream.last, PAGE)) {
                    stream.emitter.send(SseEmitter.event()
                            .id(String.valueOf(event.id()))
                            .name(event.type())
                            .data(Json.write(event)));
                    stream.last = event.id();
                }
            } else if (now != null && !isLast(now)) {
                stream.emitter.send(SseEmitter.event().comment("keep-alive"));
            }
            if (now == null || (isLast(now) && stream.last >= now.lastEvent())) {
                stream.emitter.complete();
                forget(stream);
            }
        } catch (Exception disconnected) {
            stream.emitter.completeWithError(disconnected);
            forget(stream);
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

    /** Ends all streams before the web server shuts down, which would wait for them. */
    @Override
    public void stop() {
        ExecutorService stopped = writers;
        writers = null;
        if (stopped != null) {
            stopped.shutdown();
        }
        for (Stream stream : streams) {
            stream.emitter.complete();
            forget(stream);
        }
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
