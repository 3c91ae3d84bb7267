package dev.anneal.webhook;

import dev.anneal.outbound.OutboundCall;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.role.ForRole;
import dev.anneal.text.Cut;
import dev.anneal.webhook.DeliveryQueue.Attempt;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sends the messages of the outbox at least once, with several threads and in several processes at the same time. */
@Component
@ForRole("api")
class WebhookSender implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(WebhookSender.class);
    private static final Duration LONGEST_REQUESTED_WAIT = Duration.ofHours(1);

    private final DeliveryQueue deliveries;
    private final WebhookSettings settings;
    private final OutboundGuard guard;
    private final MeterRegistry meters;
    private volatile boolean open;
    private OutboundHttp http;
    private ExecutorService senders;
    private Thread dispatcher;

    WebhookSender(DeliveryQueue deliveries, WebhookSettings settings, OutboundGuard guard, MeterRegistry meters) {
        this.deliveries = deliveries;
        this.settings = settings;
        this.guard = guard;
        this.meters = meters;
        Gauge.builder("anneal.webhooks.pending", deliveries, DeliveryQueue::pending)
                .description("Messages that are not delivered yet")
                .register(meters);
    }

    @Override
    public void start() {
        open = true;
        http = new OutboundHttp(guard, settings.timeout(), settings.timeout(), settings.threads());
        senders = Executors.newFixedThreadPool(settings.threads());
        dispatcher = new Thread(this::dispatch, "webhooks");
        dispatcher.start();
    }

    private void dispatch() {
        Semaphore free = new Semaphore(settings.threads());
        try {
            while (open) {
                free.acquire();
                Optional<Attempt> attempt = claim();
                if (attempt.isEmpty()) {
                    free.release();
                    Thread.sleep(settings.poll().toMillis());
                    continue;
                }
                senders.execute(() -> {
                    try {
                        deliver(attempt.get());
                    } catch (RuntimeException fault) {
                        log.warn(
                                "a delivery to webhook {} failed and is repeated after its lease",
                                attempt.get().webhookId(),
                                fault);
                    } finally {
                        free.release();
                    }
                });
            }
        } catch (InterruptedException stopped) {
            // stop() interrupts this thread
        }
    }

    private Optional<Attempt> claim() {
        try {
            return deliveries.claim();
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot read the outbox: {}", databaseUnavailable.getMessage());
            return Optional.empty();
        }
    }

    private void deliver(Attempt attempt) {
        long timestamp = Instant.now().getEpochSecond();
        URI url = URI.create(attempt.url());
        OutboundCall call = http.post(url, attempt.body().getBytes(StandardCharsets.UTF_8))
                .header("webhook-id", attempt.id())
                .header("webhook-timestamp", String.valueOf(timestamp))
                .header("webhook-signature", Signature.of(attempt.secret(), attempt.id(), timestamp, attempt.body()));
        try (call) {
            guard.check(url, attempt.project()); // slow names of one project must not take all lookups
            answered(attempt, call.send());
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            retryOrFail(attempt, backoff(attempt.number()), null, Cut.to(why, 300));
        }
    }

    private void answered(Attempt attempt, OutboundCall.Answer answer) {
        int status = answer.status();
        if (status / 100 == 2) {
            deliveries.delivered(attempt, status);
            count("delivered");
        } else if (status == 410) {
            deliveries.failed(attempt, status, "the receiver answered 410 (gone)");
            deliveries.disable(attempt.webhookId(), "The receiver answered 410 (gone).");
            log.info("webhook {} is disabled: its receiver answered 410", attempt.webhookId());
            count("failed");
        } else {
            Duration wait = backoff(attempt.number());
            Duration asked = answer.header("Retry-After")
                    .filter(text -> text.matches("\\d{1,6}"))
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                    .filter(requested -> requested.compareTo(LONGEST_REQUESTED_WAIT) <= 0)
                    .orElse(Duration.ZERO);
            retryOrFail(attempt, asked.compareTo(wait) > 0 ? asked : wait, status, "the receiver answered " + status);
        }
    }

    private void retryOrFail(Attempt attempt, Duration wait, @Nullable Integer status, String error) {
        if (deliveries.retry(attempt, wait, status, error)) {
            count("retried");
        } else if (deliveries.failed(attempt, status, error)) {
            log.info("message {} to webhook {} failed: {}", attempt.id(), attempt.webhookId(), error);
            count("failed");
        }
    }

    /** Returns a wait that triples with each attempt, with up to 20 % of jitter so that retries spread out. */
    private Duration backoff(int attempts) {
        double millis = Math.min(
                settings.backoff().toMillis() * Math.pow(3, attempts - 1),
                settings.maxBackoff().toMillis());
        return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    private void count(String outcome) {
        meters.counter("anneal.webhooks.deliveries", "outcome", outcome).increment();
    }

    /** Waits for running deliveries. One that does not end is repeated after its lease has expired. */
    @Override
    public void stop() {
        open = false;
        dispatcher.interrupt();
        senders.shutdown();
        try {
            dispatcher.join(5_000);
            senders.awaitTermination(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
