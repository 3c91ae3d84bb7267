package dev.anneal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.testing.TestServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The embedded Postgres is durable and asks for a password, also after a restart; RestartTest kills whole servers. */
class LocalPostgresTest {
    private final DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));

    @Test
    void writesSurviveACrashAndThePasswordIsRequired() throws Exception {
        try (EmbeddedPostgres server = LocalPostgres.start(data)) {
            assertThat(Stream.of("fsync", "synchronous_commit", "full_page_writes")
                            .map(setting -> query(server, "show " + setting)))
                    .containsOnly("on");
            assertThat(query(server, "show listen_addresses")).isEqualTo("localhost");
            for (String wrong : List.of("", "postgres")) {
                assertThatThrownBy(() -> DriverManager.getConnection(url(server), "postgres", wrong))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("password");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.file("postgres/password"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aServerThatWasClosedStartsAgainWithItsDataAndItsPassword() throws Exception {
        String password;
        try (EmbeddedPostgres first = LocalPostgres.start(data)) {
            password = LocalPostgres.password(data);
            query(first, "create table kept as select 7 as number");
        }

        try (EmbeddedPostgres second = LocalPostgres.start(data)) {
            assertThat(query(second, "select number from kept")).isEqualTo("7");
            assertThat(LocalPostgres.password(data)).isEqualTo(password);
        }
    }

    private static String url(EmbeddedPostgres server) {
        return server.getJdbcUrl("postgres", "postgres");
    }

    /** Runs a statement and returns the first value of its answer, or null if it has none. */
    private String query(EmbeddedPostgres server, String sql) {
        try (Connection connection =
                        DriverManager.getConnection(url(server), "postgres", LocalPostgres.password(data));
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return null;
            }
            ResultSet answer = statement.getResultSet();
            answer.next();
            return answer.getString(1);
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
