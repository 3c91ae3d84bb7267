package dev.anneal.web;

import dev.anneal.role.Sweeps;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Answers a repeated POST with the same {@code Idempotency-Key} with the resource that the first one created. */
@Component
public class Idempotency implements SchedulingConfigurer {
    /** Computes a hash of a request, which distinguishes it from others. */
    public interface Fingerprint {
        String take() throws IOException;
    }

    /** The project and the caller of a request. The same key of another caller, or in another project, is a different key. */
    public interface Scope {
        String project();

        String subject();
    }

    /** Called with the id of the new resource, in the transaction that creates it. */
    public interface Made {
        void as(String id);
    }

    private record Kept(String requestSha256, @Nullable String resource) {}

    private static final String WHERE = " where project = ? and subject = ? and operation = ? and key = ?";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Scope scope;
    private final IdempotencySettings settings;
    private final double leaseSeconds;
    private final Set<String> held = ConcurrentHashMap.newKeySet();

    Idempotency(JdbcClient jdbc, TransactionTemplate transactions, Scope scope, IdempotencySettings settings) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.scope = scope;
        this.settings = settings;
        this.leaseSeconds = settings.lease().toMillis() / 1000.0;
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar tasks) {
        tasks.addFixedDelayTask(this::renew, settings.renew());
    }

    /**
     * Returns the id that {@code create} returns, or the one that was created under the key before. Taking the key and the work
     * are one transaction: a second call waits for the first, and then finds its result or, if it failed, a free key.
     */
    public String once(@Nullable String key, String operation, Fingerprint request, Supplier<String> create)
            throws IOException {
        if (key == null) {
            return create.get();
        }
        check(key);
        String hash = request.take();
        List<String> full = List.of(scope.project(), scope.subject(), operation, key);
        return transactions.execute(status -> {
            if (!take(full, hash, null)) {
                return kept(full, hash);
            }
            String id = create.get();
            jdbc.sql("update idempotency_keys set resource = ?" + WHERE)
                    .params(with(id, full))
                    .update();
            return id;
        });
    }

    /** Returns the id that {@link #once} would return without any work, so that a repeated request is not checked again. */
    public Optional<String> find(@Nullable String key, String operation, Fingerprint request) throws IOException {
        if (key == null) {
            return Optional.empty();
        }
        check(key);
        List<String> full = List.of(scope.project(), scope.subject(), operation, key);
        boolean isKept = jdbc.sql("select exists (select 1 from idempotency_keys" + WHERE
                        + " and created_at >= now() - interval '24 hours' and resource is not null)")
                .params(full)
                .query(Boolean.class)
                .single();
        return isKept ? Optional.of(kept(full, request.take())) : Optional.empty();
    }

    /**
     * Does the same as {@link #once} for work that is too long for one transaction. The key is held under a lease meanwhile, and
     * a second call is refused. {@code create} must call its argument in the transaction that makes its result visible.
     */
    public String onceLong(@Nullable String key, String operation, Fingerprint request, Function<Made, String> create)
            throws IOException {
        if (key == null) {
            return create.apply(id -> {});
        }
        check(key);
        String hash = request.take();
        List<String> full = List.of(scope.project(), scope.subject(), operation, key);
        String token = Ids.next("idem");
        if (!Boolean.TRUE.equals(transactions.execute(status -> take(full, hash, token)))) {
            return kept(full, hash);
        }
        held.add(token);
        try {
            return create.apply(id -> made(token, id));
        } finally {
            held.remove(token);
            jdbc.sql("delete from idempotency_keys where token = ? and resource is null")
                    .param(token)
                    .update();
        }
    }

    /** Returns the resource of a request. A request that repeats a key may come after the deletion of that resource. */
    public static <T> T existing(@Nullable String key, String what, String id, Optional<T> found) {
        return found.orElseThrow(() -> key == null
                ? Problem.notFound(what, id)
                : Problem.conflict(
                        "idempotent_result_deleted",
                        "The " + what + " '" + id
                                + "', which this Idempotency-Key created, was deleted. Use a new key."));
    }

    private static void check(String key) {
        if (key.isBlank() || key.length() > 255) {
            throw Problem.invalid(
                    "Idempotency-Key", "invalid_value", "'Idempotency-Key' must have 1 to 255 characters.");
        }
    }

    /** Returns false if the key has a result, or is held by a request in progress. */
    private boolean take(List<String> full, String hash, @Nullable String token) {
        List<@Nullable Object> values = new ArrayList<>(full);
        values.add(hash);
        values.add(token);
        values.add(token == null ? null : leaseSeconds);
        return jdbc.sql("""
                        insert into idempotency_keys as k
                            (project, subject, operation, key, request_sha256, token, lease_until)
                        values (?, ?, ?, ?, ?, ?, now() + make_interval(secs => cast(? as double precision)))
                        on conflict (project, subject, operation, key) do update
                        set request_sha256 = excluded.request_sha256, token = excluded.token,
                            lease_until = excluded.lease_until, created_at = now()
                        where k.created_at < now() - interval '24 hours'
                            or (k.resource is null and k.lease_until < now())""").params(values).update() == 1;
    }

    private String kept(List<String> full, String hash) {
        Kept kept = jdbc.sql("select request_sha256, resource from idempotency_keys" + WHERE)
                .params(full)
                .query(Kept.class)
                .optional()
                .orElseThrow(Idempotency::inUse);
        if (!kept.requestSha256().equals(hash)) {
            throw Problem.unprocessable(
                    "idempotency_key_reused",
                    "This Idempotency-Key was used for a different request before. Use a new key.");
        }
        if (kept.resource() == null) {
            throw inUse();
        }
        return kept.resource();
    }

    /** Returns the answer to a request whose key another request has now. */
    public static Problem inUse() {
        return new Problem(
                HttpStatus.CONFLICT,
                "idempotency_key_in_use",
                "A request with this Idempotency-Key is in progress. Try again when it has been answered.");
    }

    /** Records the result in the transaction that creates it. Throws, and so rolls it back, if another request has the key now. */
    private void made(String token, String id) {
        int ours = jdbc.sql("update idempotency_keys set resource = ?, lease_until = null where token = ?")
                .params(id, token)
                .update();
        if (ours == 0) {
            throw inUse();
        }
    }

    /** Returns whether a key is kept that created a resource. */
    public boolean remembers(String resource) {
        return jdbc.sql("select exists (select 1 from idempotency_keys where resource = ?)")
                .param(resource)
                .query(Boolean.class)
                .single();
    }

    /** Frees the key that created a resource, in the transaction that removes or rejects the resource. */
    public void forget(String resource) {
        jdbc.sql("delete from idempotency_keys where resource = ?")
                .param(resource)
                .update();
    }

    private static List<String> with(String id, List<String> full) {
        List<String> values = new ArrayList<>(List.of(id));
        values.addAll(full);
        return values;
    }

    /** Renews the keys of requests in progress. The keys of a process that died become free. */
    void renew() {
        if (!held.isEmpty()) {
            jdbc.sql("update idempotency_keys set lease_until = now() + make_interval(secs => :lease)"
                            + " where token in (:tokens) and resource is null")
                    .param("lease", leaseSeconds)
                    .param("tokens", List.copyOf(held))
                    .update();
        }
    }

    @Scheduled(fixedDelay = 3_600_000)
    void removeOld() {
        Sweeps.time(
                "idempotency_keys",
                () -> jdbc.sql("delete from idempotency_keys where created_at < now() - interval '24 hours'")
                        .update());
    }

    /** Returns the fingerprint of a text and a file. */
    public static String hash(String text, InputStream file) throws IOException {
        MessageDigest digest = Sha256.digest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        try (DigestInputStream in = new DigestInputStream(file, digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Sha256.hex(digest);
    }
}
