package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The lines of a response, readable as they arrive. */
public final class Lines implements Flow.Subscriber<String>, AutoCloseable {
    private final BlockingQueue<Optional<String>> queue = new LinkedBlockingQueue<>();
    private volatile @Nullable Throwable failure;
    private volatile Flow.@Nullable Subscription subscription;

    /** Returns the next line, or nothing at the end. Throws if no line comes within the given time. */
    public Optional<String> next(Duration patience) throws IOException, InterruptedException {
        Optional<String> line = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IOException("silent for " + patience.toSeconds() + " s");
        }
        if (line.isEmpty() && failure != null) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof Failure told) {
                throw told;
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        }
        return line;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        queue.add(Optional.of(line));
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        queue.add(Optional.empty());
    }

    @Override
    public void onComplete() {
        queue.add(Optional.empty());
    }

    @Override
    public void close() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
