package dev.anneal.testing;

import dev.anneal.local.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/** Gives the server under test an empty data directory and an empty database. */
public class TestServer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        TestPostgres.Database database = TestPostgres.newDatabase();
        TestPropertyValues.of(
                        "anneal.data=" + newDirectory(),
                        "spring.datasource.url=" + database.url(),
                        "spring.datasource.username=" + database.user(),
                        "spring.datasource.password=" + database.password(),
                        // Servers of other tests are still there, and Postgres takes 100 connections in all.
                        "spring.datasource.hikari.minimum-idle=0",
                        "spring.datasource.hikari.idle-timeout=10000")
                .applyTo(context);
        if (!context.getEnvironment().containsProperty("anneal.limits.requests-per-second")) {
            TestPropertyValues.of("anneal.limits.requests-per-second=0").applyTo(context); // tests ask in loops
        }
        if (!context.getEnvironment().containsProperty("anneal.validation.max-wait")) {
            TestPropertyValues.of("anneal.validation.max-wait=5m").applyTo(context); // a busy machine takes long
        }
    }

    /** Creates an empty directory under target/. */
    public static Path newDirectory() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target/test-data")), "data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
