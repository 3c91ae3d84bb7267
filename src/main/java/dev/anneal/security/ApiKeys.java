package dev.anneal.security;

import dev.anneal.local.DataDirectory;
import dev.anneal.web.Ids;
import dev.anneal.web.Sha256;
import jakarta.annotation.PostConstruct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The keys that open the API, stored as SHA-256 (they are random, so no slow hash is needed); the first is made here. */
@Component
public class ApiKeys {
    private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);

    private final JdbcClient jdbc;
    private final DataDirectory data;
    private final TransactionTemplate transactions;

    ApiKeys(JdbcClient jdbc, DataDirectory data, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.data = data;
        this.transactions = transactions;
    }

    /** On the first start there is no key: one process makes it and leaves it where only the server's owner can read. */
    @PostConstruct
    void makeAdminKey() {
        transactions.executeWithoutResult(status -> {
            jdbc.sql("select pg_advisory_xact_lock(hashtext('admin key'))")
                    .query()
                    .listOfRows();
            Path file = data.file("admin.key");
            try {
                if (!Files.exists(file) && nobodyHasOne()) {
                    write(file);
                }
                if (Files.exists(file)) {
                    add(Files.readString(file).strip());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private boolean nobodyHasOne() {
        return jdbc.sql("select not exists (select from api_keys)")
                .query(Boolean.class)
                .single();
    }

    private void write(Path file) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String key = "ak_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        data.writeSecret("admin.key", key + "\n");
        log.info("wrote the admin key to {}", file);
    }

    private void add(String key) {
        jdbc.sql("insert into api_keys (id, name, sha256) values (?, 'admin', ?) on conflict (sha256) do nothing")
                .params(Ids.next("key"), Sha256.of(key))
                .update();
    }

    /** The id of the key, where it is one. */
    public Optional<String> find(String key) {
        return jdbc.sql("select id from api_keys where sha256 = ?")
                .param(Sha256.of(key))
                .query(String.class)
                .optional();
    }
}
