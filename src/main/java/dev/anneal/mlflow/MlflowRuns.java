package dev.anneal.mlflow;

import dev.anneal.job.queue.JobStatusListener;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The record of what the tracking server has received of each job. A process claims a run for the time of a lease; each write names
 * the claim, so that one that comes late changes nothing. All times are the database's.
 */
@Component
class MlflowRuns implements JobStatusListener {
    /** A run that this process works on. */
    record Claim(String jobId, @Nullable String runId, long lastEvent, long claims, long wakes, int failures) {}

    private final JdbcClient jdbc;
    private final MlflowSettings settings;

    MlflowRuns(JdbcClient jdbc, MlflowSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
    }

    /** Notes in the transaction of the change that there is something to send. */
    @Override
    public void changed(String jobId) {
        if (settings.isEnabled()) {
            jdbc.sql("""
                            insert into mlflow_runs (job_id) values (?)
                            on conflict (job_id) do update set wakes = mlflow_runs.wakes + 1,
                                next_at = case when mlflow_runs.failures = 0 then now() else mlflow_runs.next_at end""").param(jobId).update();
        }
    }

    @Transactional
    public Optional<Claim> claim() {
        return jdbc.sql("""
                        update mlflow_runs set claims = claims + 1, lease_until = now() + make_interval(secs => ?)
                        where job_id = (
                            select job_id from mlflow_runs
                            where status = 'pending' and next_at <= now() and (lease_until is null or lease_until < now())
                            order by next_at limit 1 for no key update skip locked)
                        returning job_id, run_id, last_event, claims, wakes, failures""")
                .param(settings.lease().toMillis() / 1000.0)
                .query(Claim.class)
                .optional();
    }

    /** Records the id of the run. Returns false if another process has claimed it meanwhile. */
    boolean created(Claim claim, String runId) {
        return write(claim, "run_id = :value", runId);
    }

    /** Records the last event that the server has received. */
    boolean sent(Claim claim, long lastEvent) {
        return write(
                claim,
                "last_event = :value::bigint, failures = 0, failing_since = null, error = null,"
                        + " lease_until = now() + interval '%d milliseconds'"
                                .formatted(settings.lease().toMillis()),
                String.valueOf(lastEvent));
    }

    /** Ends the claim: the run is looked at again after the wait, or at the next change of the job's status. */
    void rest(Claim claim, Duration wait) {
        write(
                claim,
                "lease_until = null, next_at = case when wakes = %d then now() + make_interval(secs => :value::float8) else now() end"
                        .formatted(claim.wakes()),
                String.valueOf(wait.toMillis() / 1000.0));
    }

    /** Ends the claim until the next change of the job's status. */
    void restUntilChanged(Claim claim) {
        write(
                claim,
                "lease_until = null, next_at = case when wakes = :value::bigint then 'infinity' else now() end",
                String.valueOf(claim.wakes()));
    }

    void done(Claim claim) {
        write(claim, "status = 'done', lease_until = null, error = :value", null);
    }

    /** Schedules another try. Returns false if the calls have failed for too long. */
    boolean retry(Claim claim, Duration wait, String error) {
        write(
                claim,
                "error = :value, failures = failures + 1, failing_since = coalesce(failing_since, now()), lease_until = null,"
                        + " next_at = now() + interval '%d milliseconds'".formatted(wait.toMillis()),
                error);
        return jdbc.sql("select failing_since + make_interval(secs => ?) > now() from mlflow_runs where job_id = ?")
                .params(settings.giveUpAfter().toMillis() / 1000.0, claim.jobId())
                .query(Boolean.class)
                .optional()
                .orElse(true);
    }

    /** Gives the run up. */
    void failed(Claim claim, String error) {
        write(claim, "status = 'failed', lease_until = null, error = :value", error);
    }

    private boolean write(Claim claim, String assignment, @Nullable String value) {
        return jdbc.sql("update mlflow_runs set " + assignment
                                + " where job_id = :job and claims = :claims and status = 'pending'")
                        .param("value", value)
                        .param("job", claim.jobId())
                        .param("claims", claim.claims())
                        .update()
                == 1;
    }

    long pending() {
        return jdbc.sql("select count(*) from mlflow_runs where status = 'pending' and next_at < 'infinity'")
                .query(Long.class)
                .single();
    }
}
