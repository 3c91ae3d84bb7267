package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.AttemptWriter;
import io.micrometer.core.instrument.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryState;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;
import org.springframework.stereotype.Component;

/**
 * Retries calls to the artifact store while it is unavailable. The heartbeat renews the lease meanwhile, so that the attempt
 * keeps what it has trained. An event of the job says what the attempt waits for.
 */
@Component
class StoreRetry {
    private static final Logger log = LoggerFactory.getLogger(StoreRetry.class);

    /** A call to the store. */
    interface Call<T> {
        T make() throws IOException;
    }

    private final AttemptWriter writer;
    private final Duration patience;

    StoreRetry(AttemptWriter writer, WorkerSettings settings) {
        this.writer = writer;
        this.patience = settings.patience();
    }

    /**
     * @param what completes "cannot …" in the message, as in "store the model"
     * @param isEnding whether to give up because the attempt must stop
     */
    <T> T call(RunningAttempt run, String what, BooleanSupplier isEnding, Call<T> call) throws IOException {
        RetryTemplate retry = new RetryTemplate(run.retryPolicy()
                .timeout(patience)
                .predicate(failure -> TransientFailure.test(failure) && !isEnding.getAsBoolean())
                .build());
        retry.setRetryListener(new Reporter(run, what));
        try {
            return retry.execute(call::make);
        } catch (RetryException givenUp) {
            Throwable failure = givenUp.getCause();
            if (failure instanceof IOException refused) {
                throw refused;
            }
            throw failure instanceof RuntimeException unavailable ? unavailable : new IllegalStateException(failure);
        }
    }

    /** Reports an outage of the store to the log and to the job's events, one of the database to the log, and the end of both. */
    private final class Reporter implements RetryListener {
        private final RunningAttempt run;
        private final String what;
        private final long began = System.nanoTime();
        private boolean reported;

        Reporter(RunningAttempt run, String what) {
            this.run = run;
            this.what = what;
        }

        @Override
        public void beforeRetry(RetryPolicy policy, Retryable<?> call, RetryState state) {
            if (!(state.getLastException() instanceof StoreUnavailableException unavailable)) {
                log.warn(
                        "the database is unavailable, retrying: cannot {}: {}",
                        what,
                        state.getLastException().getMessage());
            } else if (!reported) {
                reported = true;
                Metrics.counter("anneal.store.waits").increment();
                log.warn("the artifact store is unavailable, retrying: cannot {}: {}", what, unavailable.getMessage());
                String message = "The artifact store is unavailable: cannot %s: %s. Retrying for up to %d minutes."
                        .formatted(what, unavailable.reason(), patience.toMinutes());
                run.retryUntilCommitted(() -> writer.log(run.attempt, "warn", message));
            }
        }

        @Override
        public void onRetrySuccess(RetryPolicy policy, Retryable<?> call, @Nullable Object answer) {
            long seconds = (System.nanoTime() - began) / 1_000_000_000;
            log.info("the {} is available again after {} s", reported ? "artifact store" : "database", seconds);
        }
    }
}
