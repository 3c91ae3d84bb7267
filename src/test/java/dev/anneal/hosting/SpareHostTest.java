package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.host.ModelHost;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.model.ServedModel;
import dev.anneal.testing.TestServer;
import dev.anneal.testing.TinyClassifier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A pool that keeps a spare process. */
@Timeout(120)
class SpareHostTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HostPool pool = pool();

    @AfterEach
    void end() {
        pool.destroy();
    }

    @Test
    void theFirstCallIsAnsweredByTheSpareProcessAndAKilledOneHarmsNoCall() {
        pool.keepSpareHosts();
        long spare = awaitSpare(0);

        assertThat(call("mdl_a")).hasSize(1);
        assertThat(pool.pid("mdl_a")).contains(spare);

        long next = awaitSpare(spare);
        ProcessHandle.of(next).orElseThrow().destroyForcibly();
        assertEnds(next);
        assertThat(call("mdl_b")).hasSize(1);
        long fresh = pool.pid("mdl_b").orElseThrow();
        assertThat(fresh).isNotEqualTo(next);
        assertThat(meters.find("anneal.inference.crashes").counter()).isNull();

        pool.destroy();
        assertEnds(spare);
        assertEnds(fresh);
    }

    private static void assertEnds(long pid) {
        ProcessHandle.of(pid)
                .ifPresent(process ->
                        process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }

    /** Waits for a process of a model host without a model, other than one that has got its model. */
    private static long awaitSpare(long other) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> ProcessHandle.current()
                                .children()
                                .filter(child -> child.pid() != other && isSpare(child))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow()
                .pid();
    }

    private static boolean isSpare(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .endsWith(ModelHost.class.getName() + "\0");
        } catch (IOException ended) {
            return false;
        }
    }

    private JsonNode call(String id) {
        ServedModel model = new ServedModel(id, "ready", false, "text-classification", "bert", 1000L, "models/" + id);
        PredictMessage message =
                new PredictMessage(List.of(new PredictMessage.Input("a fine film", null, null)), null, null);
        return pool.call(model, HostRequest.PREDICT, "project", "key", message, piece -> {})
                .join();
    }

    private HostPool pool() {
        DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));
        return new HostPool(
                id -> true,
                new OneModel(TinyClassifier.directory()),
                new ChildJvm(data, TorchSettings.BUNDLED),
                data,
                TorchSettings.BUNDLED,
                TestHostSettings.of(Map.of()),
                meters);
    }

    /** A store in which all models have the same files. */
    private record OneModel(Path directory) implements ArtifactStore {
        @Override
        public Path get(String key) {
            return directory;
        }

        @Override
        public boolean has(String key) {
            return true;
        }

        @Override
        public void put(String key, Path directory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(String key) {
            throw new UnsupportedOperationException();
        }
    }
}
