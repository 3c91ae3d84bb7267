package dev.anneal.faults;

import dev.anneal.testing.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;

/** The processes that the harness kills: one with all roles, or an API and several workers. */
interface Deployment extends AutoCloseable {
    Client client();

    List<ServerNode> workers();

    /** Kills everything at once and starts it again. */
    void killServer();

    @Override
    void close();

    static Deployment of(String name) {
        return name.equals("one") ? new One() : new Split(2);
    }

    /** One process with all roles, which keeps its own Postgres. */
    final class One implements Deployment {
        private final ServerNode node = new ServerNode(
                "server",
                dev.anneal.testing.TestServer.newDataDirectory().toAbsolutePath(),
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
        public List<ServerNode> workers() {
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

    /** An API and several workers on its own Postgres and one directory. */
    final class Split implements Deployment {
        private final Installation installation = new Installation();
        private final ServerNode api = installation.api();
        private final List<ServerNode> workers;

        Split(int count) {
            workers = IntStream.rangeClosed(1, count)
                    .mapToObj(i -> installation.worker("worker-" + i))
                    .toList();
            workers.forEach(ServerNode::awaitReady);
        }

        @Override
        public Client client() {
            return api.client();
        }

        @Override
        public List<ServerNode> workers() {
            return workers;
        }

        @Override
        public void killServer() {
            installation.postgres.kill();
            installation.nodes().forEach(ServerNode::killTree);
            try {
                installation.postgres.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            installation.nodes().forEach(ServerNode::start);
            api.awaitReady();
        }

        @Override
        public void close() {
            installation.close();
        }
    }
}
