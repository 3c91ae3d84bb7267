package dev.anneal.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/** The address of Postgres and the user, as a server with these settings has them. */
record DatabaseDetails(
        String url, @Nullable String user, @Nullable String password) {
    private static final int TIMEOUT_SECONDS = 5;

    /**
     * Returns the details; nothing if the embedded Postgres is configured and does not run.
     *
     * @throws dev.anneal.settings.InvalidSettingException if the address has a password
     */
    static Optional<DatabaseDetails> of(ConfigurableApplicationContext settings) throws IOException {
        Environment environment = settings.getEnvironment();
        String url = environment.getProperty("spring.datasource.url", "none");
        DatabaseUrl.check(url);
        return url.equals("none")
                ? embedded(settings.getBean(DataSettings.class)
                        .data()
                        .toAbsolutePath()
                        .normalize())
                : Optional.of(new DatabaseDetails(
                        url,
                        environment.getProperty("spring.datasource.username"),
                        environment.getProperty("spring.datasource.password")));
    }

    private static Optional<DatabaseDetails> embedded(Path data) throws IOException {
        Path cluster = data.resolve("postgres/cluster");
        Path password = data.resolve("postgres/password");
        if (LocalPostgres.postmaster(cluster).isEmpty() || !Files.isReadable(password)) {
            return Optional.empty();
        }
        String port =
                Files.readAllLines(cluster.resolve("postmaster.pid")).get(3).strip();
        return Optional.of(new DatabaseDetails(
                "jdbc:postgresql://localhost:" + port + "/postgres",
                "postgres",
                Files.readString(password).strip()));
    }

    Connection connect() throws SQLException {
        return DatabaseConnection.open(url, user, password, TIMEOUT_SECONDS, "anneal doctor");
    }

    /** Returns the address without parameters, which may hold a password. */
    String place() {
        return DatabaseUrl.withoutParameters(url);
    }
}
