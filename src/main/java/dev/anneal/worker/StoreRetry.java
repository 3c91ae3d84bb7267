package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.AttemptWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What an attempt cannot do without, asked of a store that may be away: it is waited for while the heartbeat keeps the lease,
 * for what was trained would be lost with the attempt. The job's events say what is waited for.
 */
@Component
class StoreRetry {
    private static final Logger log = LoggerFactory.getLogger(StoreRetry.class);

    /** What needs the store. */
    interface Call<T> {
        T make() throws IOException;
    }

    private final AttemptWriter record;
    private final Duration patience;

    StoreRetry(AttemptWriter record, @Value("${anneal.worker.patience:10m}") Duration patience) {
        this.record = record;
        this.patience = patience;
    }

    /**
     * @param what the store is to do, as in "the store does not " + what
     * @param inVain whether nobody waits for the answer any more
     */
    <T> T ask(RunningAttempt run, String what, BooleanSupplier inVain, Call<T> call) throws IOException {
        long began = System.nanoTime();
        for (boolean first = true; ; first = false) {
            try {
                T answer = call.make();
                if (!first) {
                    log.info("the store is back after {} s", (System.nanoTime() - began) / 1_000_000_000);
                }
                return answer;
            } catch (StoreUnavailableException away) {
                if (!away.mayPass() || inVain.getAsBoolean() || System.nanoTime() - began > patience.toNanos()) {
                    throw away;
                }
                if (first) {
                    log.warn("the store does not {}; it is waited for: {}", what, away.getMessage());
                    String told = "the store does not %s: %s; this is tried again for up to %d minutes"
                            .formatted(what, away.reason(), patience.toMinutes());
                    run.insist(() -> record.log(run.attempt, "warn", told));
                }
                run.pause();
            }
        }
    }
}
