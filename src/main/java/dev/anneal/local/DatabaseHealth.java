package dev.anneal.local;

import dev.anneal.log.LoggingScheduler;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The part of readiness that says whether Postgres answers. It is asked once a second over a separate connection, so that
 * health is answered at once, and neither an outage nor a busy pool delays the answer.
 */
@Component("database")
class DatabaseHealth implements HealthIndicator, SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(DatabaseHealth.class);
    private static final int TIMEOUT_SECONDS = 2;

    private final JdbcConnectionDetails database;
    private @Nullable ScheduledExecutorService watch;
    private @Nullable Connection connection;
    private volatile boolean up = true; // the migration of the schema has just used it

    DatabaseHealth(JdbcConnectionDetails database, MeterRegistry meters) {
        this.database = database;
        Gauge.builder("anneal.database.up", this, health -> health.up ? 1 : 0)
                .description("1 if Postgres answered within the last second, else 0")
                .register(meters);
    }

    @Override
    public Health health() {
        return (up ? Health.up() : Health.down()).build();
    }

    @Override
    public void start() {
        watch = new LoggingScheduler(1, "database-health");
        watch.scheduleWithFixedDelay(this::check, 1, 1, TimeUnit.SECONDS);
    }

    private void check() {
        boolean answers = answers() || answers(); // the first may find an old connection closed
        if (answers != up) {
            log.warn(
                    answers
                            ? "the database answers again"
                            : "the database does not answer, so this server is not ready");
        }
        up = answers;
    }

    private boolean answers() {
        try {
            Connection open = connection == null ? connect() : connection;
            connection = open;
            try (Statement statement = open.createStatement()) {
                statement.execute("select 1");
            }
            return true;
        } catch (SQLException unavailable) {
            close();
            return false;
        }
    }

    private Connection connect() throws SQLException {
        return DatabaseConnection.open(
                database.getJdbcUrl(),
                database.getUsername(),
                database.getPassword(),
                TIMEOUT_SECONDS,
                "anneal health");
    }

    private void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException closed) {
            // it is of no use anyway
        }
        connection = null;
    }

    @Override
    public void stop() {
        if (watch != null) {
            watch.execute(this::close);
            watch.shutdown();
            watch = null;
        }
    }

    @Override
    public boolean isRunning() {
        return watch != null;
    }
}
