package dev.anneal.dataset.upload;

import dev.anneal.sql.Instants;
import dev.anneal.text.Ids;
import dev.anneal.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The rows of uploads. A project can have a limited number of them, with a limited number of bytes. */
@Component
public class Uploads {
    private final JdbcClient jdbc;
    private final ResumableSettings settings;

    Uploads(JdbcClient jdbc, ResumableSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
    }

    @Transactional
    Upload create(String project, String name, long size, String metadata) {
        // Two at once must not both take the last place.
        jdbc.sql("select 1 from pg_advisory_xact_lock(hashtextextended('uploads of ' || ?, 0))")
                .param(project)
                .query(Integer.class)
                .single();
        checkLimits(project, size);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS); // the precision of Postgres
        Upload upload = new Upload(Ids.next("upl"), project, name, size, metadata, now, now.plus(settings.keep()));
        jdbc.sql("insert into uploads (id, project, name, size_bytes, metadata, created_at, expires_at)"
                        + " values (?, ?, ?, ?, ?, ?, ?)")
                .params(upload.id(), project, name, size, metadata, time(upload.createdAt()), time(upload.expiresAt()))
                .update();
        return upload;
    }

    private void checkLimits(String project, long size) {
        record Used(long count, long bytes) {}
        Used used = jdbc.sql("select count(*) as count, coalesce(sum(size_bytes), 0) as bytes from uploads"
                        + " where project = ? and expires_at > now()")
                .param(project)
                .query(Used.class)
                .single();
        if (used.count() >= settings.maxPerProject()) {
            throw Problem.limit(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_uploads",
                    "The project has reached its limit of uploads. Delete one, or wait until one expires",
                    "anneal.uploads.max-per-project",
                    settings.maxPerProject());
        }
        long most = settings.maxBytesPerProject().toBytes();
        if (size > most - used.bytes()) {
            throw Problem.limit(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "too_many_upload_bytes",
                    "The uploads of the project have %,d bytes. This one would exceed the limit. Delete one first"
                            .formatted(used.bytes()),
                    "anneal.uploads.max-bytes-per-project",
                    most);
        }
    }

    public Optional<Upload> find(String id, String project) {
        if (!Ids.is("upl", id)) {
            return Optional.empty();
        }
        return jdbc.sql("select * from uploads where id = ? and project = ?")
                .params(id, project)
                .query(Uploads::read)
                .optional();
    }

    List<Upload> list(String project, String after, int limit) {
        return jdbc.sql("select * from uploads where project = ? and id < ? order by id desc limit ?")
                .params(project, after, limit)
                .query(Uploads::read)
                .list();
    }

    /** Keeps an upload for longer, because bytes of it arrive. Returns the time at which it expires now. */
    Instant extend(String id) {
        Instant until = Instant.now().truncatedTo(ChronoUnit.MICROS).plus(settings.keep());
        int kept = jdbc.sql("update uploads set expires_at = ? where id = ?")
                .params(time(until), id)
                .update();
        if (kept == 0) {
            throw Problem.notFound("upload", id);
        }
        return until;
    }

    public boolean delete(String id) {
        return jdbc.sql("delete from uploads where id = ?").param(id).update() == 1;
    }

    /** Removes an upload unless bytes have arrived meanwhile. */
    boolean deleteExpired(String id) {
        return jdbc.sql("delete from uploads where id = ? and expires_at < now()")
                        .param(id)
                        .update()
                == 1;
    }

    List<String> expired() {
        return jdbc.sql("select id from uploads where expires_at < now()")
                .query(String.class)
                .list();
    }

    /** Returns those of the uploads that exist. */
    List<String> existing(List<String> ids) {
        return jdbc.sql("select id from uploads where id in (:ids)")
                .param("ids", ids)
                .query(String.class)
                .list();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Upload read(ResultSet row, int i) throws SQLException {
        return new Upload(
                row.getString("id"),
                row.getString("project"),
                row.getString("name"),
                row.getLong("size_bytes"),
                row.getString("metadata"),
                Instants.of(row, "created_at"),
                Instants.of(row, "expires_at"));
    }
}
