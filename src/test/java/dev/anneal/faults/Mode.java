package dev.anneal.faults;

import dev.anneal.testing.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;

/** The processes that the harness kills: one with all roles, or an API and several workers. */
interface Mode extends AutoCloseable {
    Client client();

    List<Node> workers();

    /** Kills everything at once and starts it again. */
    void killServer();

    @Override
    void close();

    static Mode of(String name) {
        return name.equals("one") ? new One() : new Split(2);
    }

    /** One process with all roles, which keeps its own Postgres. */
    final class One implements Mode {
        private final Node node = new Node(
                "server",
                dev.anneal.testing.TestServer.newDirectory().toAbsolutePath(),
                List.of(Installation.LEASE, "--anneal.worker.poll=200ms"),
                java.util.Map.of());

        One() {
            node.start().awaitReady();
        }

        @Override
        public Client client() {
            return node.client();
        }

        @Override
        public List<Node> workers() {
            return List.of(node);
        }

        @Override
        public void killServer() {
            node.killTree();
            node.start().awaitReady();
        }

        @Override
        public void close() {
            node.close();
            Installation.removeAllButLogs(node.data());
        }
    }

    /** An API and several workers on one Postgres of its own and one directory. */
    final class Split implements Mode {
        private final Installation installation = new Installation();
        private final Node api = installation.api();
        private final List<Node> workers;

        Split(int count) {
            workers = IntStream.rangeClosed(1, count)
                    .mapToObj(i -> installation.worker("worker-" + i))
                    .toList();
            workers.forEach(Node::awaitReady);
        }

        @Override
        public Client client() {
            return api.client();
        }

        @Override
        public List<Node> workers() {
            return workers;
        }

        @Override
        public void killServer() {
            installation.postgres.kill();
            installation.nodes().forEach(Node::killTree);
            try {
                installation.postgres.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            installation.nodes().forEach(Node::start);
            api.awaitReady();
        }

        @Override
        public void close() {
            installation.close();
        }
    }
}
