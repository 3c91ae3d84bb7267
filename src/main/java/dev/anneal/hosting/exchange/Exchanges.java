package dev.anneal.hosting.exchange;

import dev.anneal.hosting.UnreadAnswers;
import dev.anneal.log.LoggingScheduler;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** The requests that wait for a model. Their connections are checked, so that nothing is computed for a client that has left. */
@Component
public class Exchanges {
    private static final Logger log = LoggerFactory.getLogger(Exchanges.class);
    private static final long INTERVAL_MILLIS = 500;

    private final HandlerExceptionResolver problems;
    private final UnreadAnswers unread;
    private final Set<Exchange> open = ConcurrentHashMap.newKeySet();
    /** Each client that reads slowly occupies a thread. */
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> daemon(task, "answer"));

    private final ScheduledExecutorService checks = new LoggingScheduler(1, "disconnect-check");

    Exchanges(@Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems, UnreadAnswers unread) {
        this.problems = problems;
        this.unread = unread;
        checks.scheduleWithFixedDelay(this::check, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns the threads that answers are written in. */
    public Executor threads() {
        return threads;
    }

    /**
     * Returns a request that is answered later. The method that handles it must return without a result.
     *
     * @param work is cancelled if the client disconnects, or if this fails
     */
    public Exchange open(HttpServletRequest request, HttpServletResponse response, Future<?> work) throws IOException {
        Exchange exchange;
        try {
            // What is left of the body would hide the end of the connection.
            request.getInputStream().transferTo(OutputStream.nullOutputStream());
            exchange = new Exchange(request, response, ClientDisconnect.of(request), problems, unread, threads, work);
        } catch (IOException | RuntimeException e) {
            work.cancel(false);
            throw e;
        }
        open.add(exchange);
        exchange.onEnd(() -> open.remove(exchange));
        return exchange;
    }

    private void check() {
        for (Exchange exchange : open) {
            try {
                exchange.check();
            } catch (RuntimeException fault) { // else the executor would stop checking
                log.error("cannot check a connection", fault);
            }
        }
    }

    @PreDestroy
    void close() {
        checks.shutdownNow();
        threads.shutdown();
    }
}
