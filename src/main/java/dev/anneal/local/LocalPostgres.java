package dev.anneal.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded Postgres in {@code <data>/postgres}. Its library is made for tests, so this class turns durability on again and
 * requires a password from all users of the machine.
 */
final class LocalPostgres {
    private static final Logger log = LoggerFactory.getLogger(LocalPostgres.class);
    private static final String ONLY_BY_PASSWORD =
            "host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";

    private LocalPostgres() {}

    static EmbeddedPostgres start(DataDirectory data) throws IOException, SQLException {
        Path cluster = cluster(data);
        Files.createDirectories(cluster.getParent());
        stopOrphan(cluster);
        Path secured = data.file("postgres/secured");
        var builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(data.directory("postgres/bin").toFile())
                .setDataDirectory(cluster)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false) // it stops with its bean, after the workers have released their jobs
                .setPGStartupWait(Duration.ofSeconds(60))
                .setOutputRedirector(
                        Redirect.appendTo(data.file("postgres/postgres.log").toFile()))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("listen_addresses", "localhost")
                .setServerConfig("unix_socket_directories", "''")
                .setServerConfig("max_connections", "100")
                .setConnectConfig("password", password(data)); // the first start ignores it
        EmbeddedPostgres server = builder.start();
        if (!Files.exists(secured)) {
            secure(server, cluster, password(data));
            Files.createFile(secured);
        }
        return server;
    }

    static Path cluster(DataDirectory data) {
        return data.file("postgres/cluster");
    }

    /** Returns the password, which is created on first use. Only the owner of the data directory can read it. */
    static String password(DataDirectory data) throws IOException {
        Path file = data.file("postgres/password");
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            data.writeSecret("postgres/password", HexFormat.of().formatHex(random));
        }
        return Files.readString(file).strip();
    }

    private static void secure(EmbeddedPostgres server, Path cluster, String password)
            throws SQLException, IOException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("alter role postgres password '" + password + "'");
            Files.writeString(cluster.resolve("pg_hba.conf"), ONLY_BY_PASSWORD);
            statement.execute("select pg_reload_conf()");
        }
    }

    /** Stops a Postgres that survived its JVM, or is just ending. It locks the cluster, and no new one could start. */
    private static void stopOrphan(Path cluster) throws IOException {
        Optional<ProcessHandle> postmaster = postmaster(cluster);
        if (postmaster.isEmpty()) {
            return; // a stale file, which Postgres ignores
        }
        log.info(
                "stopping the Postgres of a server that was killed (pid {})",
                postmaster.get().pid());
        postmaster.get().destroy();
        try {
            postmaster.get().onExit().get(30, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            postmaster.get().destroyForcibly();
            postmaster.get().onExit().join();
        } catch (Exception e) {
            throw new IOException("cannot stop the Postgres of a server that was killed", e);
        }
    }

    /** Returns the process that runs on a cluster. */
    static Optional<ProcessHandle> postmaster(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        return Files.exists(pidFile)
                ? ProcessHandle.of(Long.parseLong(
                                Files.readAllLines(pidFile).get(0).strip()))
                        .filter(process -> runs(process, cluster))
                : Optional.empty();
    }

    /** Checks the command line, because the pid may belong to another process by now. */
    private static boolean runs(ProcessHandle process, Path cluster) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains(cluster.toString());
        } catch (IOException noProc) {
            return process.info().command().filter(c -> c.endsWith("postgres")).isPresent();
        }
    }
}
