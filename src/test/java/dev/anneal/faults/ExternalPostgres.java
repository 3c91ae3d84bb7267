package dev.anneal.faults;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A durable Postgres in its own process, which can be stopped or killed, and started again on its port. */
final class ExternalPostgres implements AutoCloseable {
    private final Path directory;
    private final int port = ServerNode.freePort();
    private final String binary;
    private Process postmaster;

    ExternalPostgres(Path directory) throws IOException {
        this.directory = directory;
        try (EmbeddedPostgres ignored = EmbeddedPostgres.builder() // unpacks the binaries and makes the cluster
                .setOverrideWorkingDirectory(directory.resolve("bin").toFile())
                .setDataDirectory(directory.resolve("cluster"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofSeconds(120))
                .start()) {
            binary = binary();
        }
        start();
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "-U")); // Postgres refuses to run as root
        }
        command.addAll(List.of(binary, "-D", directory.resolve("cluster").toString(), "-p", String.valueOf(port)));
        for (String setting :
                List.of("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300")) {
            command.addAll(List.of("-c", setting));
        }
        postmaster = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("postgres.log").toFile()))
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(120)).ignoreExceptions().until(this::answers);
    }

    private boolean answers() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(), "postgres", "")) {
            return connection.isValid(5);
        }
    }

    /** Returns the path of the binaries of the running server. In one process, all embedded servers share those of the first. */
    private String binary() throws IOException {
        String pid =
                Files.readAllLines(directory.resolve("cluster/postmaster.pid")).get(0);
        return ProcessHandle.of(Long.parseLong(pid))
                .flatMap(it -> it.info().command())
                .orElseThrow();
    }

    /** Stops the server by a signal: INT as {@code pg_ctl stop -m fast}, QUIT as {@code -m immediate}. */
    void stop(String signal) {
        Signals.send(signal, postmaster.toHandle());
        Signals.awaitEnd(postmaster.toHandle(), 60);
    }

    /** Kills the postmaster and its backends, as a crash of the machine would. */
    void kill() {
        Signals.killTree(postmaster.toHandle());
    }

    boolean isAlive() {
        return postmaster.isAlive();
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    JdbcClient sql() {
        return JdbcClient.create(new DriverManagerDataSource(url(), "postgres", ""));
    }

    @Override
    public void close() {
        if (postmaster.isAlive()) {
            stop("INT");
        }
    }
}
