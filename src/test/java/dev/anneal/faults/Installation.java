package dev.anneal.faults;

import dev.anneal.testing.Client;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One Postgres and the processes that use it, each of which can be killed. */
final class Installation implements AutoCloseable {
    static final String LEASE = "--anneal.worker.lease=6s";

    final Path root = TestServer.newDirectory().toAbsolutePath();
    final ExternalPostgres postgres;
    private final List<ServerNode> nodes = new ArrayList<>();

    Installation() {
        try {
            postgres = new ExternalPostgres(root.resolve("postgres"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a process without starting it. */
    ServerNode node(String name, String roles, String... arguments) {
        TestServer.addBundledModel(root.resolve("data"));
        return nodeIn("data", name, roles, arguments);
    }

    /** Creates a process with its own data directory, without starting it. */
    ServerNode nodeIn(String data, String name, String roles, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--roles", roles));
        all.addAll(List.of(arguments));
        Map<String, String> environment = Map.of(
                "ANNEAL_DATABASE_URL", postgres.url(),
                "ANNEAL_DATABASE_USER", "postgres",
                "ANNEAL_DATABASE_PASSWORD", "none");
        try {
            ServerNode node = new ServerNode(name, Files.createDirectories(root.resolve(data)), all, environment);
            nodes.add(node);
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ServerNode api() {
        return node("api", "api,inference").start().awaitReady();
    }

    ServerNode worker(String name, String... arguments) {
        return idleWorker(name, arguments).start();
    }

    /** Creates a process without starting it. */
    ServerNode idleWorker(String name, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--anneal.worker.poll=200ms");
        if (all.stream().noneMatch(argument -> argument.startsWith("--anneal.worker.lease="))) {
            all.add(LEASE); // given twice, it would be a list
        }
        return node(name, "worker", all.toArray(String[]::new));
    }

    List<ServerNode> nodes() {
        return nodes;
    }

    JdbcClient sql() {
        return postgres.sql();
    }

    Client client() {
        return nodes.get(0).client();
    }

    /** Everything ends, also what a failed test has left stopped; only the logs are kept. */
    @Override
    public void close() {
        try {
            nodes.forEach(ServerNode::close);
        } finally {
            nodes.stream().filter(ServerNode::isAlive).forEach(ServerNode::killTree);
            postgres.close();
        }
        removeAllButLogs(root);
    }

    static void removeAllButLogs(Path root) {
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.toString().endsWith(".log") && !holdsSomething(path)) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean holdsSomething(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> content = Files.list(path)) {
            return content.findAny().isPresent();
        }
    }
}
