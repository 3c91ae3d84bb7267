package dev.anneal.faults;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client of one job's event stream that behaves as browsers do: if a connection ends early, it asks for the rest by
 * Last-Event-ID. It also drops connections itself, at random events.
 */
final class Follower {
    private final HttpClient http;
    private final URI uri;
    private final String key;
    private final Random random;
    private final CompletableFuture<Long> end = new CompletableFuture<>();
    private volatile boolean open;
    private volatile long last;
    private volatile int connections;
    private volatile int refusals;

    Follower(HttpClient http, String server, String job, String key, long seed) {
        this.http = http;
        this.uri = URI.create(server + "/api/v1/jobs/" + job + "/events");
        this.key = key;
        this.random = new Random(seed);
    }

    void open() {
        open = false;
        connections++;
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + key)
                .header("Accept", "text/event-stream");
        if (last > 0) {
            request.header("Last-Event-ID", String.valueOf(last));
        }
        AtomicBoolean ended = new AtomicBoolean();
        http.sendAsync(request.build(), response -> body(response, ended))
                .whenComplete((response, dropped) -> again(ended));
    }

    /** Called once for each connection, because the client of a cancelled stream may never be told that it ended. */
    private void again(AtomicBoolean ended) {
        if (ended.compareAndSet(false, true) && !end.isDone()) {
            CompletableFuture.delayedExecutor(100 + random.nextInt(400), TimeUnit.MILLISECONDS)
                    .execute(this::open);
        }
    }

    private HttpResponse.BodySubscriber<Void> body(HttpResponse.ResponseInfo response, AtomicBoolean ended) {
        if (response.statusCode() != 200) {
            refusals++;
            return BodySubscribers.discarding();
        }
        open = true;
        return BodySubscribers.fromLineSubscriber(new Lines(ended));
    }

    /** Returns whether the server has answered the last request and the stream is still open. */
    boolean isOpen() {
        return open;
    }

    /** Completes with the number of the last event, which is a terminal status. Fails at the first event out of order. */
    CompletableFuture<Long> end() {
        return end;
    }

    int connections() {
        return connections;
    }

    /** Returns how many answers were no stream. */
    int refusals() {
        return refusals;
    }

    private final class Lines implements Flow.Subscriber<String> {
        private final AtomicBoolean ended;
        private Flow.Subscription subscription;
        private String id;
        private String data = "";
        private boolean dropped;

        Lines(AtomicBoolean ended) {
            this.ended = ended;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            if (dropped) {
                return; // what has come with it must not be seen
            }
            if (line.startsWith("id:")) {
                id = line.substring(3).strip();
            } else if (line.startsWith("data:")) {
                data = line.substring(5);
            } else if (line.isEmpty() && id != null) {
                seen(Long.parseLong(id));
                id = null;
            }
        }

        private void seen(long number) {
            if (number != last + 1) {
                end.completeExceptionally(new AssertionError(uri + ": " + number + " came after " + last));
            }
            last = number;
            if (data.contains("\"type\":\"status\"")
                    && data.matches(".*\"status\":\"(succeeded|failed|cancelled)\".*")) {
                end.complete(number);
            }
            if (random.nextInt(20) == 0) {
                dropped = true;
                open = false;
                subscription.cancel();
                again(ended);
            }
        }

        @Override
        public void onError(Throwable dropped) {
            open = false;
        }

        @Override
        public void onComplete() {
            open = false;
        }
    }
}
