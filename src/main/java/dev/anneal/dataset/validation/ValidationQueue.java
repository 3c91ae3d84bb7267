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
     * @param hopeless whether it passed so long ago that no process seems to have the files
     */
    record Abandoned(String id, int attempt, Received received, boolean hopeless) {}

    private static final int MAX_FOUND = 20;

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
                .param("progress", Json.write(new Progress(0, received.sizeBytes(), 0)))
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

    /** Lets the next process begin at once. */
    void release(Validation validation) {
        jdbc.sql("update datasets set lease_until = now()" + OURS)
                .param("id", validation.dataset())
                .param("attempt", validation.attempt())
                .update();
    }

    /** Returns datasets whose leases have passed. */
    List<Abandoned> abandoned() {
        return jdbc.sql("""
                        select id, attempt, upload,
                               lease_until < now() - make_interval(secs => :give_up_after) as hopeless
                        from datasets where status = 'validating' and lease_until < now()
                        order by id limit :limit""")
                .param("give_up_after", giveUpAfter)
                .param("limit", MAX_FOUND)
                .query((row, i) -> new Abandoned(
                        row.getString("id"),
                        row.getInt("attempt"),
                        Json.read(row.getString("upload"), Received.class),
                        row.getBoolean("hopeless")))
                .list();
    }

    /** Takes a dataset over for the next attempt. Returns false if another process did. */
    boolean claim(Abandoned dataset) {
        return jdbc.sql("update datasets set attempt = attempt + 1, " + LEASE + OURS + " and lease_until < now()")
                        .param("id", dataset.id())
                        .param("attempt", dataset.attempt())
                        .param("lease", lease)
                        .update()
                == 1;
    }

    /** Returns those of the datasets that are being validated. */
    List<String> validating(List<String> ids) {
        return jdbc.sql("select id from datasets where id in (:ids) and status = 'validating'")
                .param("ids", ids)
                .query(String.class)
                .list();
    }
}
