package dev.anneal.local;

import dev.anneal.model.BundledModel;
import dev.anneal.testing.TestServer;
import dev.anneal.text.Ids;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.TestModels;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.boot.SpringApplication;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The Postgres that all servers of a test process share, each with its own database: a container if a container engine
 * runs, else the embedded server with the settings that it has in production.
 */
public final class TestPostgres {
    /** The connection details of one database. */
    public record Database(String url, String user, String password) {}

    private static final String EMPTY = "template0";
    private static final String MIGRATED = "migrated";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static Database server;

    private TestPostgres() {}

    /** Creates a database with all migrations, and the bundled model; the first call starts Postgres. */
    public static Database newDatabase() {
        return create("test_" + DATABASES.incrementAndGet(), MIGRATED);
    }

    /** Creates a database without any table. */
    public static Database newEmptyDatabase() {
        return create("test_" + DATABASES.incrementAndGet(), EMPTY);
    }

    private static synchronized Database create(String name, String template) {
        if (server == null) {
            server = DockerClientFactory.instance().isDockerAvailable() ? container() : embedded();
            migrate(create(MIGRATED, EMPTY));
        }
        execute(server, "create database " + name + " template " + template);
        // The last segment of the URL is the database's name; a container adds parameters to it.
        return new Database(
                server.url().replaceFirst("/[^/?]+(\\?|$)", "/" + name + "$1"), server.user(), server.password());
    }

    /** Migrates a database once and adds the bundled model, so that those of the servers are copies of it, which takes less time. */
    private static void migrate(Database database) {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .load()
                .migrate();
        ModelFiles model = ModelFiles.inspect(TestModels.bundled());
        execute(database, """
                insert into models (id, name, kind, labels, architecture, parameters, max_length, size_bytes, sha256, artifact, created_at)
                values ('%s', '%s', 'base', '[]', '%s', %d, %d, %d, '%s', 'base/%2$s', now())""".formatted(
                        Ids.next("mdl"),
                        BundledModel.NAME,
                        model.architecture(),
                        model.parameters(),
                        model.maxLength(),
                        model.sizeBytes(),
                        model.sha256()));
    }

    private static void execute(Database database, String sql) {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot prepare a database", e);
        }
    }

    private static Database container() {
        PostgreSQLContainer postgres = new PostgreSQLContainer("postgres:17");
        postgres.start();
        return new Database(postgres.getJdbcUrl(), postgres.getUsername(), postgres.getPassword());
    }

    private static Database embedded() {
        DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));
        try {
            EmbeddedPostgres postgres = LocalPostgres.start(data);
            SpringApplication.getShutdownHandlers().add(() -> close(postgres)); // runs when all contexts are closed
            return new Database(postgres.getJdbcUrl("postgres", "postgres"), "postgres", LocalPostgres.password(data));
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("cannot start the embedded Postgres", e);
        }
    }

    private static void close(EmbeddedPostgres postgres) {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
