package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.host.message.HostRequest;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.model.ExistingModels;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.model.ServedModel;
import dev.anneal.testing.TestServer;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/** Calls of a model whose files are fetched slowly before its process starts. */
class CancelledStartTest {
    private final CountDownLatch fetched = new CountDownLatch(1);
    private @Nullable Path files;

    @Test
    void theTextsOfACallThatIsCancelledBeforeItsProcessStartsAreForgotten() {
        HostPool pool = pool(id -> true);
        try {
            WeakReference<Object> texts = callAndCancel(pool);

            Awaitility.await().until(() -> {
                System.gc();
                return texts.get() == null;
            });
        } finally {
            fetched.countDown();
            pool.destroy();
        }
    }

    private static WeakReference<Object> callAndCancel(HostPool pool) {
        List<String> texts = new ArrayList<>(List.of("a fine film"));
        call(pool, texts).cancel(false);
        return new WeakReference<>(texts);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallOfAModelThatIsDeletedBeforeItsFilesAreFetchedSaysThatThereIsNoModel(boolean byThisServer) {
        assertThatCallsFailIfTheModelIsDeleted(byThisServer);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallOfAModelThatIsDeletedBeforeItsFilesAreReadSaysThatThereIsNoModel(boolean byThisServer) {
        files = TestServer.newDirectory();
        assertThatCallsFailIfTheModelIsDeleted(byThisServer);
    }

    private void assertThatCallsFailIfTheModelIsDeleted(boolean byThisServer) {
        HostPool pool = pool(id -> byThisServer);
        try {
            CompletableFuture<JsonNode> call = call(pool, List.of("a fine film"));
            if (byThisServer) {
                pool.forget(new ModelDeleted("mdl_x", null));
            }
            fetched.countDown();

            assertThatThrownBy(() -> call.orTimeout(60, TimeUnit.SECONDS).join())
                    .cause()
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.status()).isEqualTo(HttpStatus.NOT_FOUND))
                    .hasMessageStartingWith("There is no model 'mdl_x'.");
        } finally {
            fetched.countDown();
            pool.destroy();
        }
    }

    private static CompletableFuture<JsonNode> call(HostPool pool, List<String> texts) {
        ServedModel model =
                new ServedModel("mdl_x", "ready", false, "text-classification", "bert", 1000L, "models/mdl_x");
        return pool.call(model, HostRequest.PREDICT, "project", "key", texts, piece -> {});
    }

    private HostPool pool(ExistingModels models) {
        DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));
        return new HostPool(
                models,
                new SlowStore(),
                new ChildJvm(data, TorchSettings.BUNDLED),
                data,
                TorchSettings.BUNDLED,
                TestHostSettings.of(Map.of("spare-hosts", 0)),
                new SimpleMeterRegistry());
    }

    private final class SlowStore implements ArtifactStore {
        @Override
        public Path get(String key) {
            try {
                fetched.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (files != null) {
                return files;
            }
            throw new UncheckedIOException(new IOException("there is no artifact " + key));
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
