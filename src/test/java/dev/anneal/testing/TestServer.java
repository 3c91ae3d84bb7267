package dev.anneal.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Gives a test server its Postgres: a container where an engine runs, else the embedded one that the product ships. */
public class TestServer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        TestPropertyValues.of("anneal.data=" + newDirectory()).applyTo(context);
        if (!context.getEnvironment().containsProperty("anneal.limits.requests-per-second")) {
            TestPropertyValues.of("anneal.limits.requests-per-second=0").applyTo(context); // tests ask in loops
        }
        if (DockerClientFactory.instance().isDockerAvailable()) {
            PostgreSQLContainer postgres = new PostgreSQLContainer("postgres:17");
            postgres.start();
            TestPropertyValues.of(
                            "spring.datasource.url=" + postgres.getJdbcUrl(),
                            "spring.datasource.username=" + postgres.getUsername(),
                            "spring.datasource.password=" + postgres.getPassword())
                    .applyTo(context);
        }
    }

    /** An empty directory under target/. */
    public static Path newDirectory() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target/test-data")), "data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
