package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.AttemptWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
        long began = System.nanoTime();
        for (boolean first = true; ; first = false) {
            try {
                T answer = call.make();
                if (!first) {
                    log.info(
                            "the artifact store is available again after {} s",
                            (System.nanoTime() - began) / 1_000_000_000);
                }
                return answer;
            } catch (StoreUnavailableException unavailable) {
                if (!unavailable.mayPass()
                        || isEnding.getAsBoolean()
                        || System.nanoTime() - began > patience.toNanos()) {
                    throw unavailable;
                }
                if (first) {
                    log.warn(
                            "the artifact store is unavailable, retrying: cannot {}: {}",
                            what,
                            unavailable.getMessage());
                    String message = "The artifact store is unavailable: cannot %s: %s. Retrying for up to %d minutes."
                            .formatted(what, unavailable.reason(), patience.toMinutes());
                    run.retryUntilCommitted(() -> writer.log(run.attempt, "warn", message));
                }
                run.pause();
            }
        }
    }
}
