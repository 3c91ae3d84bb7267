package dev.anneal.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes a repeated POST with the same {@code Idempotency-Key} answer what the first one made. */
@Component
public class Idempotency {
    /** Tells one request from another, as a hash. */
    public interface Fingerprint {
        String take() throws IOException;
    }

    /** Who makes the request: keys of others, and of the same caller in another project, are other keys. */
    public interface Scope {
        String project();

        String subject();
    }

    private record Kept(String requestSha256, String resource) {}

    private static final String WHERE = " where project = ? and subject = ? and operation = ? and key = ?";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Scope scope;

    Idempotency(JdbcClient jdbc, TransactionTemplate transactions, Scope scope) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.scope = scope;
    }

    /**
     * The id that {@code create} makes, or the one that was made under the key before. The key is taken and the work
     * done in one transaction: a second call waits for the first, and finds its result or, if it failed, a free key.
     */
    public String once(String key, String operation, Fingerprint request, Supplier<String> create) throws IOException {
        if (key == null) {
            return create.get();
        }
        if (key.isBlank() || key.length() > 255) {
            throw Problem.invalid(
                    "Idempotency-Key", "invalid_value", "'Idempotency-Key' must have 1 to 255 characters.");
        }
        String hash = request.take();
        List<String> full = List.of(scope.project(), scope.subject(), operation, key);
        return transactions.execute(status -> {
            boolean free = jdbc.sql(
                                    "insert into idempotency_keys (project, subject, operation, key, request_sha256)"
                                            + " values (?, ?, ?, ?, ?) on conflict (project, subject, operation, key) do nothing")
                            .params(full)
                            .param(hash)
                            .update()
                    == 1;
            if (free) {
                String id = create.get();
                jdbc.sql("update idempotency_keys set resource = ?" + WHERE)
                        .param(id)
                        .params(full)
                        .update();
                return id;
            }
            Kept kept = jdbc.sql("select request_sha256, resource from idempotency_keys" + WHERE)
                    .params(full)
                    .query(Kept.class)
                    .single();
            if (!kept.requestSha256().equals(hash)) {
                throw Problem.unprocessable(
                        "idempotency_key_reused", "This Idempotency-Key came with another request before.");
            }
            return kept.resource();
        });
    }

    @Scheduled(fixedDelay = 3_600_000)
    void forget() {
        jdbc.sql("delete from idempotency_keys where created_at < now() - interval '24 hours'")
                .update();
    }

    /** The fingerprint of some text and a file. */
    public static String hash(String text, InputStream file) throws IOException {
        MessageDigest digest = Sha256.digest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        try (DigestInputStream in = new DigestInputStream(file, digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Sha256.hex(digest);
    }
}
