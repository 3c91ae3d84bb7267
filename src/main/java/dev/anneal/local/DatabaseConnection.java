package dev.anneal.local;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Opens connections outside of the pool, which give up soon if Postgres does not answer. */
final class DatabaseConnection {
    private DatabaseConnection() {}

    /**
     * Returns a connection.
     *
     * @param application is the name that Postgres shows
     */
    static Connection open(
            String url, @Nullable String user, @Nullable String password, int timeoutSeconds, String application)
            throws SQLException {
        Properties properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        String timeout = Integer.toString(timeoutSeconds);
        properties.setProperty("connectTimeout", timeout);
        properties.setProperty("loginTimeout", timeout);
        properties.setProperty("socketTimeout", timeout);
        properties.setProperty("ApplicationName", application);
        return DriverManager.getConnection(url, properties);
    }
}
