package dev.anneal.testing;

import dev.anneal.files.DurableFiles;
import dev.anneal.local.TestPostgres;
import dev.anneal.model.BundledModel;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/** Gives the server under test a new data directory and a database without rows. */
public class TestServer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        TestPostgres.Database database = database();
        TestPropertyValues.of(
                        "anneal.data=" + newDataDirectory(),
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
        if (!context.getEnvironment().containsProperty("anneal.inference.spare-hosts")) {
            TestPropertyValues.of("anneal.inference.spare-hosts=0")
                    .applyTo(context); // a start takes a processor for a second
        }
        if (!context.getEnvironment().containsProperty("anneal.inference.precision")) {
            TestPropertyValues.of("anneal.inference.precision=fp32").applyTo(context); // as the trainer evaluates
        }
        if (!context.getEnvironment().containsProperty("anneal.validation.max-wait")) {
            TestPropertyValues.of("anneal.validation.max-wait=5m").applyTo(context); // a busy machine takes long
        }
    }

    /** Creates the database of the server. */
    protected TestPostgres.Database database() {
        return TestPostgres.newDatabase();
    }

    /** Creates a data directory of a server, with the bundled model. */
    public static Path newDataDirectory() {
        Path directory = newDirectory();
        addBundledModel(directory);
        return directory;
    }

    /**
     * Adds the bundled model to the artifact store in a data directory. A server unpacks it otherwise at its first start, which
     * takes longer than the rest of the start. ReadmeTest starts a server with an empty directory.
     */
    public static void addBundledModel(Path data) {
        Path model = data.resolve("artifacts/base").resolve(BundledModel.NAME);
        try {
            if (!Files.exists(model)) {
                DurableFiles.link(TestModels.bundled(), model);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
