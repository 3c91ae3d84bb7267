package dev.anneal.hosting.exchange;

import dev.anneal.hosting.UnreadAnswers;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import dev.anneal.web.RateLimitKey;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * A request that is answered in another thread. It is written without a second dispatch through all filters, which would cost as
 * much as the rest of a short call.
 */
public final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    /** The status in metrics if the client has disconnected; no client sees it. */
    private static final int DISCONNECTED = 499;

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext context;
    private final BooleanSupplier isConnectionClosed;
    private final HandlerExceptionResolver problems;
    private final UnreadAnswers unread;
    private final String project;
    private final Executor threads;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CompletableFuture<Void> disconnect = new CompletableFuture<>();

    /** Held while the connection is used. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Is cancelled if the client disconnects. It is forgotten once it has ended, because it holds its result. */
    private volatile @Nullable Future<?> work;

    private boolean ended;

    Exchange(
            HttpServletRequest request,
            HttpServletResponse response,
            BooleanSupplier isConnectionClosed,
            HandlerExceptionResolver problems,
            UnreadAnswers unread,
            Executor threads,
            Future<?> work) {
        this.request = request;
        this.response = response;
        this.isConnectionClosed = isConnectionClosed;
        this.problems = problems;
        this.unread = unread;
        this.project = RateLimitKey.share(request);
        this.threads = threads;
        this.work = work;
        this.context = request.startAsync(request, response);
        context.setTimeout(0);
        context.addListener(new Listener());
    }

    /** Runs an action once if the client disconnects before it has the whole answer. */
    public void onDisconnect(Runnable action) {
        disconnect.thenRun(action);
    }

    /** Runs an action once when the answer has ended, for whatever reason. */
    public void onEnd(Runnable action) {
        end.thenRun(action);
    }

    /** Answers with an object as JSON. While a slow client reads it, only its bytes are kept. */
    public void answer(Object body) {
        work = null;
        AtomicReference<@Nullable Object> once = new AtomicReference<>(body);
        execute(() -> {
            byte[] json = Json.MAPPER.writeValueAsBytes(Objects.requireNonNull(once.getAndSet(null)));
            if (!unread.add(project, json.length)) {
                fail(UnreadAnswers.tooMany());
                return;
            }
            try {
                write(() -> {
                    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
                    response.setContentLength(json.length);
                    response.getOutputStream().write(json);
                    response.flushBuffer(); // else it waits for a thread of the container
                    finish();
                });
            } finally {
                unread.remove(project, json.length);
            }
        });
    }

    /** Answers with the problem that an exception stands for. */
    public void fail(Throwable cause) {
        execute(() -> write(() -> {
            Exception thrown = cause instanceof Exception exception ? exception : new IllegalStateException(cause);
            problems.resolveException(request, response, null, thrown);
            finish();
        }));
    }

    /** Begins a stream of events. */
    public void begin() {
        write(() -> {
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
        });
    }

    /** Reserves room for a part of an answer until {@link #release}. Returns false if too many bytes wait for this project. */
    public boolean reserve(int bytes) {
        return unread.add(project, bytes);
    }

    public void release(int bytes) {
        unread.remove(project, bytes);
    }

    /** Writes a part of a stream. */
    public void send(byte[] part) {
        write(() -> {
            ServletOutputStream out = response.getOutputStream();
            out.write(part);
            out.flush();
        });
    }

    /** Stops the work, and answers with a problem. */
    public void refuse(Problem problem) {
        cancel();
        fail(problem);
    }

    /** Gives the client up, as if it had disconnected. */
    public void giveUp() {
        cancel();
        execute(() -> write(this::lost));
    }

    /** Ends the stream. */
    public void complete() {
        write(this::finish);
    }

    private void execute(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException shuttingDown) {
            complete();
        }
    }

    private interface Writing {
        void run() throws IOException;
    }

    private boolean write(Writing writing) {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            writing.run();
            return true;
        } catch (IOException disconnected) {
            lost();
            return false;
        } catch (RuntimeException fault) {
            log.error("cannot write the answer of {}", request.getRequestURI(), fault);
            lost();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the exchange if the client has disconnected. */
    void check() {
        if (lock.tryLock()) { // else it is being written to, which notices a disconnect, too
            try {
                if (!ended && isConnectionClosed.getAsBoolean()) {
                    response.setStatus(DISCONNECTED);
                    lost();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void lost() {
        if (!ended) {
            cancel();
            disconnect.complete(null);
            finish();
        }
    }

    private void cancel() {
        Future<?> running = work;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void finish() {
        ended = true;
        try {
            context.complete();
        } catch (IllegalStateException endedByContainer) {
            log.debug("the container has ended the request", endedByContainer);
        }
        end.complete(null);
    }

    /** Notes that the container ends the request. From then on, its connection may belong to another one. */
    private final class Listener implements AsyncListener {
        private void ended(boolean isDisconnected) {
            lock.lock();
            try {
                if (!ended) {
                    ended = true;
                    if (isDisconnected) {
                        cancel();
                        disconnect.complete(null);
                    }
                    end.complete(null);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onComplete(AsyncEvent event) {
            ended(false);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            ended(true);
        }

        @Override
        public void onError(AsyncEvent event) {
            ended(true);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
