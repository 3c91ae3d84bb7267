package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.model.Zips;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Which models are in memory when at most two may be. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.inference.max-models=2"})
class LoadedModelsTest {
    private static byte[] zip;
    private static int names;

    @Autowired
    Api api;

    @Autowired
    LoadedModels loaded;

    @Autowired
    Models models;

    @Autowired
    ArtifactStore store;

    @Autowired
    MeterRegistry meters;

    @BeforeAll
    static void makeAClassifier() throws IOException {
        zip = Zips.of(TestModels.tiny(TestServer.newDirectory().resolve("tiny"), "a", "b"), "")
                .bytes();
    }

    @Test
    void theModelThatWasUsedLongestAgoMakesRoom() {
        Model a = model();
        Model b = model();
        Batcher first = use(a);
        Batcher second = use(b);
        assertThat(use(a)).isSameAs(first);

        use(model());

        assertThat(inMemory()).isEqualTo(2);
        assertClosed(second);
        assertThat(use(a)).as("it was used after the other").isSameAs(first);
        assertThat(use(b)).as("it is loaded again").isNotSameAs(second);
    }

    @Test
    void firstCallsAtTheSameTimeLoadTheModelOnce() {
        Model model = model();
        CyclicBarrier together = new CyclicBarrier(4);

        List<CompletableFuture<Batcher>> calls = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                together.await();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                            return use(model);
                        },
                        task -> new Thread(task).start()))
                .toList();

        assertThat(calls.stream().map(CompletableFuture::join).distinct()).hasSize(1);
    }

    @Test
    void aModelInUseStaysAndIfAllAreInUseAFurtherOneIsRefused() {
        Model a = model();
        Model b = model();
        Model c = model();

        loaded.with(
                a,
                inUse -> loaded.with(b, alsoInUse -> {
                    assertThatThrownBy(() -> use(c))
                            .isInstanceOfSatisfying(
                                    Problem.class,
                                    problem -> assertThat(problem.code()).isEqualTo("models_busy"));
                    assertComputes(inUse);
                    assertComputes(alsoInUse);
                    return null;
                }));

        assertComputes(c);
    }

    @Test
    void aModelThatIsDeletedWhileInUseLeavesTheMemoryAfterItsLastUse() {
        Model model = model();
        Batcher batcher = loaded.with(model, outer -> {
            Batcher inner = loaded.with(model, inUse -> {
                assertThat(api.delete("/api/v1/models/" + model.getId()).status())
                        .isEqualTo(204);
                return inUse;
            });
            assertComputes(outer);
            return inner;
        });

        assertClosed(batcher);
    }

    @Test
    void aModelThatIsDeletedWhileUnusedLeavesTheMemoryAtOnce() {
        Model model = model();
        Batcher batcher = use(model);

        api.delete("/api/v1/models/" + model.getId());

        assertClosed(batcher);
    }

    @Test
    void aModelThatCannotBeLoadedIsTriedAgainAtTheNextCall() throws IOException {
        Model model = model();
        Path weights = store.get(model.artifact()).resolve("model.safetensors");
        byte[] good = Files.readAllBytes(weights);
        weights.toFile().setWritable(true);
        Files.write(weights, new byte[] {1, 2, 3});
        int before = inMemory();

        assertThatThrownBy(() -> use(model)).isInstanceOf(RuntimeException.class);
        assertThat(inMemory()).isLessThanOrEqualTo(before);
        Files.write(weights, good);
        assertComputes(model);
    }

    @Test
    void workThatFailsGivesTheModelBack() {
        Model model = model();
        assertThatThrownBy(() -> loaded.with(model, batcher -> {
                    throw new IllegalArgumentException("bad input");
                }))
                .hasMessage("bad input");

        use(model());
        use(model());

        assertThat(inMemory()).as("it was not in use, so it made room").isEqualTo(2);
    }

    /** A classifier with files of its own. */
    private Model model() {
        Answer created = api.uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "loaded/" + ++names));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return models.findById(created.text("id")).orElseThrow();
    }

    private Batcher use(Model model) {
        return loaded.with(model, Function.identity());
    }

    private void assertComputes(Model model) {
        loaded.with(model, batcher -> {
            assertComputes(batcher);
            return null;
        });
    }

    private static void assertComputes(Batcher batcher) {
        var text = batcher.predictor().encode("a fine film", null);
        assertThat(batcher.submit(List.of(text)).get(0).join()).hasSize(2);
    }

    private static void assertClosed(Batcher batcher) {
        assertThatThrownBy(() -> batcher.submit(List.of())).isInstanceOf(IllegalStateException.class);
    }

    private int inMemory() {
        return (int) meters.get("anneal.inference.models").gauge().value();
    }
}
