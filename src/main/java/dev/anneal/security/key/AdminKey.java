package dev.anneal.security.key;

import dev.anneal.local.DataDirectory;
import dev.anneal.security.Role;
import jakarta.annotation.PostConstruct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The first key: the server creates it at its first start and writes it to a file that only the server's owner can read. */
@Component
class AdminKey {
    private static final Logger log = LoggerFactory.getLogger(AdminKey.class);
    private static final String FILE = "admin.key";

    private final JdbcClient jdbc;
    private final DataDirectory data;
    private final ApiKeyAuthenticator keys;
    private final TransactionTemplate transactions;

    AdminKey(JdbcClient jdbc, DataDirectory data, ApiKeyAuthenticator keys, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.data = data;
        this.keys = keys;
        this.transactions = transactions;
    }

    /** Creates the key if there is none. A key in the file that the database lacks is added to it. */
    @PostConstruct
    void create() {
        transactions.executeWithoutResult(status -> {
            jdbc.sql("select pg_advisory_xact_lock(hashtext('admin key'))")
                    .query()
                    .listOfRows();
            Path file = data.file(FILE);
            try {
                if (!Files.exists(file) && noKeyExists()) {
                    data.writeSecret(FILE, ApiKeyAuthenticator.newSecret() + "\n");
                    log.info("wrote the admin key to {}", file);
                }
                if (Files.exists(file)) {
                    keys.add(Files.readString(file).strip(), new NewKey("admin", Role.admin, null, null), null);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private boolean noKeyExists() {
        return jdbc.sql("select not exists (select from api_keys)")
                .query(Boolean.class)
                .single();
    }
}
