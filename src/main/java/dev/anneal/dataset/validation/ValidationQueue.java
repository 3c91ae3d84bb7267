package dev.anneal.dataset.validation;

import dev.anneal.json.Json;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The leases on datasets that are validated, kept in their rows. A process that was paused past its lease can no longer write: each
 * write names the attempt. All times are the database's.
 */
@Component
public class ValidationQueue {
    /**
     * A dataset whose lease has passed.
     *
     * @param lostChecks the processes that ended while they read its files
     * @param hopeless whether it passed so long ago that no process seems to have the files
     */
    record Abandoned(String id, String project, int attempt, int lostChecks, Received received, boolean hopeless) {
        /** Returns whether its files may be what ended a process. */
        boolean isSuspect() {
            return lostChecks > 0;
        }
    }

    private static final int PAGE = 100;
    private static final double LONGEST_PAUSE_SECONDS = 900;

    private static final String LEASE = "lease_until = now() + make_interval(secs => :lease)";
    private static final String OURS = " where id = :id and attempt = :attempt and status = 'validating'";

    private final JdbcClient jdbc;
    private final double lease;
    private final double giveUpAfter;

    ValidationQueue(JdbcClient jdbc, ValidationSettings settings) {
        this.jdbc = jdbc;
        this.lease = settings.lease().toMillis() / 1000.0;
        this.giveUpAfter = settings.giveUpAfter().toMillis() / 1000.0;
    }

    /** Begins the first attempt, in the transaction that creates the dataset. */
    public void begin(String id, Received received) {
        jdbc.sql("update datasets set attempt = 1, upload = :upload, progress = :progress::jsonb, " + LEASE
                        + " where id = :id")
                .param("id", id)
                .param("upload", Json.write(received))
                .param("progress", Json.write(Progress.begin(received)))
                .param("lease", lease)
                .update();
    }

    /**
     * Renews a lease and stores the progress. Returns false if the dataset was deleted or another process validates it. The row is
     * locked while the result is committed, which may take long.
     */
    boolean renew(Validation validation) {
        int renewed = jdbc.sql("update datasets set progress = :progress::jsonb, " + LEASE
                        + " where id in (select id from datasets" + OURS + " for no key update skip locked)")
                .param("id", validation.dataset())
                .param("attempt", validation.attempt())
                .param("progress", Json.write(validation.progress()))
                .param("lease", lease)
                .update();
        return renewed == 1
                || jdbc.sql("select exists (select from datasets" + OURS + ")")
                        .param("id", validation.dataset())
                        .param("attempt", validation.attempt())
                        .query(Boolean.class)
                        .single();
    }

    /** Notes that the files are read from now on. Returns false if the dataset was deleted or another process validates it. */
    boolean beginCheck(Validation validation) {
        return jdbc.sql("update datasets set checking = true" + OURS)
                        .param("id", validation.dataset())
                        .param("attempt", validation.attempt())
                        .update()
                == 1;
    }

    /**
     * Notes that the attempt has ended, and not because of the files. They are read again after a time that grows from the
     * fifth attempt on: a disk that is full is soon full again. Returns false if the dataset was deleted or another process validates it.
     */
    boolean endCheck(Validation validation) {
        return jdbc.sql("update datasets set checking = false, lease_until = now()"
                                + " + make_interval(secs => least(:lease * 2 ^ least(greatest(attempt - 5, 0), 10), :longest))"
                                + OURS)
                        .param("id", validation.dataset())
                        .param("attempt", validation.attempt())
                        .param("lease", lease)
                        .param("longest", Math.max(lease, LONGEST_PAUSE_SECONDS))
                        .update()
                == 1;
    }

    /** Lets the next process begin at once. */
    void release(Validation validation) {
        jdbc.sql("update datasets set checking = false, lease_until = now()" + OURS)
                .param("id", validation.dataset())
                .param("attempt", validation.attempt())
                .update();
    }

    /** Takes back that this process ended while it read the files. It was paused, and another process has the dataset now. */
    void survived(Validation validation) {
        jdbc.sql("update datasets set lost_checks = greatest(lost_checks - 1, 0)"
                        + " where id = :id and attempt > :attempt and status = 'validating'")
                .param("id", validation.dataset())
                .param("attempt", validation.attempt())
                .update();
    }

    /** Notes that a client knows of the dataset. Returns false if it is not validated any more. */
    public boolean acknowledge(String id) {
        return jdbc.sql("update datasets set acknowledged = true where id = :id and status = 'validating'")
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Returns a page of the datasets whose leases have passed: those after an id. There are no more if it is empty. */
    List<Abandoned> abandoned(String after) {
        return jdbc.sql("""
                        select id, project, attempt, lost_checks + checking::int as lost_checks, upload,
                               lease_until < now() - make_interval(secs => :give_up_after) as hopeless
                        from datasets where status = 'validating' and lease_until < now() and id > :after
                        order by id limit :limit""")
                .param("give_up_after", giveUpAfter)
                .param("after", after)
                .param("limit", PAGE)
                .query((row, i) -> new Abandoned(
                        row.getString("id"),
                        row.getString("project"),
                        row.getInt("attempt"),
                        row.getInt("lost_checks"),
                        Json.read(row.getString("upload"), Received.class),
                        row.getBoolean("hopeless")))
                .list();
    }

    /** Takes a dataset over for the next attempt. Returns false if another process did. */
    boolean claim(Abandoned dataset) {
        return jdbc.sql("update datasets set attempt = attempt + 1, lost_checks = lost_checks + checking::int,"
                                + " checking = false, " + LEASE + OURS + " and lease_until < now()")
                        .param("id", dataset.id())
                        .param("attempt", dataset.attempt())
                        .param("lease", lease)
                        .update()
                == 1;
    }

    /** Tells other processes that one has the files, but not the time. Any process that has them may still take the dataset over. */
    void postpone(Abandoned dataset) {
        jdbc.sql("update datasets set lease_until = now()" + OURS + " and lease_until < now()")
                .param("id", dataset.id())
                .param("attempt", dataset.attempt())
                .update();
    }

    /** Returns those of the datasets that are being validated. */
    List<String> validating(List<String> ids) {
        return jdbc.sql("select id from datasets where id in (:ids) and status = 'validating'")
                .param("ids", ids)
                .query(String.class)
                .list();
    }
}
