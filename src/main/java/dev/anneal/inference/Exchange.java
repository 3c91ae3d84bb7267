package dev.anneal.inference;

import dev.anneal.json.Json;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * A request that is answered in another thread. It is written without a second dispatch through all filters, which would cost as
 * much as the rest of a short call.
 */
final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    /** The status in metrics if the client has disconnected; no client sees it. */
    private static final int DISCONNECTED = 499;

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext context;
    private final BooleanSupplier isConnectionClosed;
    private final HandlerExceptionResolver problems;
    private final Executor threads;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CompletableFuture<Void> disconnect = new CompletableFuture<>();

    /** Held while the connection is used. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean ended;

    Exchange(
            HttpServletRequest request,
            HttpServletResponse response,
            BooleanSupplier isConnectionClosed,
            HandlerExceptionResolver problems,
            Executor threads) {
        this.request = request;
        this.response = response;
        this.isConnectionClosed = isConnectionClosed;
        this.problems = problems;
        this.threads = threads;
        this.context = request.startAsync(request, response);
        context.setTimeout(0);
        context.addListener(new Listener());
    }

    /** Runs an action once if the client disconnects before it has the whole answer. */
    void onDisconnect(Runnable action) {
        disconnect.thenRun(action);
    }

    /** Runs an action once when the answer has ended, for whatever reason. */
    void onEnd(Runnable action) {
        end.thenRun(action);
    }

    /** Answers with an object as JSON. */
    void answer(Object body) {
        execute(() -> write(() -> {
            byte[] json = Json.MAPPER.writeValueAsBytes(body);
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            response.setContentLength(json.length);
            response.getOutputStream().write(json);
            response.flushBuffer(); // else it waits for a thread of the container
            finish();
        }));
    }

    /** Answers with the problem that an exception stands for. */
    void fail(Throwable cause) {
        execute(() -> write(() -> {
            Exception thrown = cause instanceof Exception exception ? exception : new IllegalStateException(cause);
            problems.resolveException(request, response, null, thrown);
            finish();
        }));
    }

    /** Begins a stream of events. */
    void begin() {
        write(() -> {
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
        });
    }

    /** Writes an event, and returns false if nobody receives it any longer. */
    boolean event(String name, Object data) {
        return write(() -> {
            ServletOutputStream out = response.getOutputStream();
            out.write(("event:" + name + "\ndata:" + Json.write(data) + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        });
    }

    /** Ends the stream. */
    void complete() {
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
            disconnect.complete(null);
            finish();
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
