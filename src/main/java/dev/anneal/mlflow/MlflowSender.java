package dev.anneal.mlflow;

import dev.anneal.mlflow.MlflowRuns.Claim;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.role.ForRole;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Sends the news of jobs to the tracking server, one job after another, in each process with the role api. */
@Component
@ForRole("api")
class MlflowSender implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(MlflowSender.class);
    private static final long IDLE_MILLIS = 1000;

    private final MlflowRuns runs;
    private final MlflowExport export;
    private final MlflowSettings settings;
    private final OutboundGuard guard;
    private final MeterRegistry meters;
    private volatile boolean open;
    private @Nullable OutboundHttp http;
    private @Nullable Thread thread;

    MlflowSender(
            MlflowRuns runs, MlflowExport export, MlflowSettings settings, OutboundGuard guard, MeterRegistry meters) {
        this.runs = runs;
        this.export = export;
        this.settings = settings;
        this.guard = guard;
        this.meters = meters;
        if (settings.isEnabled()) {
            Gauge.builder("anneal.mlflow.pending", runs, MlflowRuns::pending)
                    .description("Jobs with news that the tracking server has not received")
                    .register(meters);
        }
    }

    @Override
    public void start() {
        if (!settings.isEnabled()) {
            return;
        }
        open = true;
        OutboundHttp client =
                new OutboundHttp(guard.with(settings.resolve("")), settings.timeout(), settings.timeout(), 2);
        http = client;
        MlflowClient server = new MlflowClient(client, settings);
        Thread sender = new Thread(() -> run(server), "mlflow");
        sender.setDaemon(true);
        sender.start();
        thread = sender;
    }

    private void run(MlflowClient server) {
        try {
            while (open) {
                Optional<Claim> claim = claim();
                if (claim.isPresent()) {
                    send(claim.get(), server);
                } else {
                    Thread.sleep(Math.min(IDLE_MILLIS, settings.poll().toMillis()));
                }
            }
        } catch (InterruptedException stopped) {
            // stop() interrupts this thread
        }
    }

    private Optional<Claim> claim() throws InterruptedException {
        try {
            return runs.claim();
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot look for news of jobs: {}", databaseUnavailable.getMessage());
            return Optional.empty();
        }
    }

    private void send(Claim claim, MlflowClient server) {
        MDC.put("job", claim.jobId());
        try {
            export.send(claim, server);
            count("sent");
        } catch (MlflowException refused) {
            giveUp(claim, String.valueOf(refused.getMessage()));
        } catch (IOException unavailable) {
            retry(claim, String.valueOf(unavailable.getMessage()));
        } catch (RuntimeException fault) { // such as a database that is unavailable; the lease expires
            log.warn("the report to the tracking server failed and is repeated after its lease", fault);
            count("retried");
        } finally {
            MDC.remove("job");
        }
    }

    private void retry(Claim claim, String why) {
        try {
            if (runs.retry(claim, settings.wait(claim.failures() + 1), why)) {
                log.info("the tracking server has not received the news of the job, which are sent again: {}", why);
                count("retried");
            } else {
                giveUp(claim, why);
            }
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot record a failed report: {}", databaseUnavailable.getMessage());
        }
    }

    private void giveUp(Claim claim, String why) {
        log.warn("the report of the job to the tracking server is given up: {}", why);
        count("failed");
        try {
            runs.failed(claim, why);
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot record a failed report: {}", databaseUnavailable.getMessage());
        }
    }

    private void count(String outcome) {
        meters.counter("anneal.mlflow.reports", "outcome", outcome).increment();
    }

    @Override
    public void stop() {
        open = false;
        if (thread != null) {
            thread.interrupt();
        }
        if (http != null) {
            http.close();
        }
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
