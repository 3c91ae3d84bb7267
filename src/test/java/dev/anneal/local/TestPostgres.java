package dev.anneal.local;

import dev.anneal.testing.TestServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
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

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static Database server;

    private TestPostgres() {}

    /** Creates an empty database; the first call starts Postgres. */
    public static synchronized Database newDatabase() {
        if (server == null) {
            server = DockerClientFactory.instance().isDockerAvailable() ? container() : embedded();
        }
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(server.url(), server.user(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create a database", e);
        }
        // The last segment of the URL is the database's name; a container adds parameters to it.
        return new Database(
                server.url().replaceFirst("/[^/?]+(\\?|$)", "/" + name + "$1"), server.user(), server.password());
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
