package dev.anneal.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.TestServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded Postgres of a process that ends in any way. */
class PostgresWatchTest {
    private final Path directory = TestServer.newDirectory();

    /** Starts a Postgres, and ends without stopping it. */
    static final class Owner {
        private static final List<long[]> MEMORY = new ArrayList<>();

        private Owner() {}

        public static void main(String[] arguments) throws Exception {
            DataDirectory data = new DataDirectory(new DataSettings(Path.of(arguments[0])));
            LocalPostgres.start(data);
            PostgresWatch.start(LocalPostgres.cluster(data));
            Files.writeString(data.file("pid"), pid(LocalPostgres.cluster(data)));
            while (arguments[1].equals("memory")) {
                MEMORY.add(new long[1 << 20]);
            }
            new ProcessBuilder("sh", "-c", "kill -9 $PPID").start().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "kill"})
    void thePostgresEndsWithItsProcess(String how) throws Exception {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        directory.toString(),
                        how)
                .redirectErrorStream(true)
                .start();
        String output = new String(owner.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(owner.waitFor()).as(output).isEqualTo(how.equals("memory") ? 3 : 137);
        long pid = Long.parseLong(Files.readString(directory.resolve("pid")));
        Optional<ProcessHandle> postmaster = ProcessHandle.of(pid);
        if (postmaster.isPresent()) {
            assertThat(postmaster.get().onExit()).succeedsWithin(60, TimeUnit.SECONDS);
        }
        assertThat(directory.resolve("postgres/cluster/postmaster.pid"))
                .as("removed by an orderly shutdown")
                .doesNotExist();
    }

    @Test
    void aWatchThatIsClosedLeavesThePostgresToItsOwner() throws Exception {
        DataDirectory data = new DataDirectory(new DataSettings(directory));
        try (EmbeddedPostgres server = LocalPostgres.start(data)) {
            PostgresWatch watch = PostgresWatch.start(LocalPostgres.cluster(data));
            watch.close();

            assertThat(watch.end()).succeedsWithin(60, TimeUnit.SECONDS);
            try (Connection connection = DriverManager.getConnection(
                    server.getJdbcUrl("postgres", "postgres"), "postgres", LocalPostgres.password(data))) {
                assertThat(connection.isValid(60)).isTrue();
            }
        }
    }

    private static String pid(Path cluster) throws IOException {
        return Files.readAllLines(cluster.resolve("postmaster.pid")).get(0).strip();
    }
}
