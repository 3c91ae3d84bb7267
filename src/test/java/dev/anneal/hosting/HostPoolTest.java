package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.PredictMessage;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Which models have a process when at most two may have one, and what happens if one ends. */
@ServerTest
@Timeout(120)
@TestPropertySource(
        properties = {"anneal.roles=api,inference", "anneal.inference.max-models=2", "anneal.inference.stall-timeout=2s"
        })
class HostPoolTest {
    private static byte[] zip;
    private static int names;

    @Autowired
    Api api;

    @Autowired
    HostPool pool;

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

    @AfterEach
    void release() {
        models.findAll().forEach(model -> pool.pid(model.getId()).ifPresent(pid -> signal("CONT", pid)));
    }

    @Test
    void theModelThatWasUsedLongestAgoMakesRoom() {
        Model a = model();
        Model b = model();
        long first = use(a);
        long second = use(b);
        assertThat(use(a)).isEqualTo(first);

        use(model());

        assertThat(running()).isEqualTo(2);
        assertEnds(second);
        assertThat(use(a)).as("it was used after the other").isEqualTo(first);
        assertThat(use(b)).as("it is started again").isNotEqualTo(second);
    }

    @Test
    void firstCallsAtTheSameTimeStartOneProcess() {
        Model model = model();
        double before = started();

        List<CompletableFuture<JsonNode>> calls =
                IntStream.range(0, 4).mapToObj(i -> call(model)).toList();

        calls.forEach(call -> assertThat(call.join()).hasSize(1));
        assertThat(started() - before).isEqualTo(1);
    }

    @Test
    void aModelInUseStaysAndIfAllAreInUseAFurtherOneIsRefused() {
        Model a = model();
        Model b = model();
        Model c = model();
        List<Long> processes = List.of(use(a), use(b));
        processes.forEach(pid -> signal("STOP", pid));
        List<CompletableFuture<JsonNode>> waiting = List.of(call(a), call(b));

        assertThatThrownBy(() -> call(c))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("models_busy"));

        processes.forEach(pid -> signal("CONT", pid));
        waiting.forEach(CompletableFuture::join);
        use(c);
    }

    @Test
    void theCallsOfAModelThatIsDeletedAreStillAnsweredAndThenItsProcessEnds() {
        Model model = model();
        long pid = use(model);
        signal("STOP", pid);
        CompletableFuture<JsonNode> call = call(model);

        assertThat(api.delete("/api/v1/models/" + model.getId()).status()).isEqualTo(204);

        signal("CONT", pid);
        assertThat(call.join()).hasSize(1);
        assertEnds(pid);
    }

    @Test
    void theProcessOfAModelThatIsDeletedWhileUnusedEndsAtOnce() {
        Model model = model();
        long pid = use(model);

        api.delete("/api/v1/models/" + model.getId());

        assertEnds(pid);
    }

    @Test
    void aModelThatCannotBeLoadedSaysWhyAndIsTriedAgainAtTheNextCall() throws IOException {
        Model model = model();
        Path weights = store.get(model.artifact()).resolve("model.safetensors");
        byte[] good = Files.readAllBytes(weights);
        weights.toFile().setWritable(true);
        Files.write(weights, new byte[] {1, 2, 3});

        Problem problem = problem(call(model));
        assertThat(problem.code()).isEqualTo("model_unusable");
        assertThat(problem.getMessage()).contains("model.safetensors");
        Files.write(weights, good);
        use(model);
    }

    @Test
    void aProcessThatIsKilledFailsOnlyTheCallsOfItsModelAndTheNextCallStartsItAgain() {
        Model killed = model();
        Model other = model();
        long pid = use(killed);
        long otherPid = use(other);
        signal("STOP", pid);
        List<CompletableFuture<JsonNode>> lost =
                IntStream.range(0, 8).mapToObj(i -> call(killed)).toList();
        CompletableFuture<JsonNode> good = call(other);

        signal("KILL", pid);

        for (CompletableFuture<JsonNode> call : lost) {
            Problem problem = problem(call);
            assertThat(problem.status().value()).isEqualTo(503);
            assertThat(problem.code()).isEqualTo("model_crashed");
            assertThat(problem.getMessage()).contains(killed.getId(), "ended by SIGKILL");
        }
        assertThat(good.join()).hasSize(1);
        assertThat(use(other)).isEqualTo(otherPid);
        assertThat(use(killed)).isNotEqualTo(pid);
    }

    @Test
    void aProcessThatEndsWhileItIsIdleCostsNoCall() {
        Model model = model();
        long pid = use(model);

        signal("KILL", pid);
        assertEnds(pid);

        assertThat(call(model).join()).hasSize(1);
    }

    @Test
    void aProcessWithoutASignOfLifeIsEnded() {
        Model model = model();
        long pid = use(model);
        signal("STOP", pid);

        Problem problem = problem(call(model));

        assertThat(problem.code()).isEqualTo("model_timeout");
        assertThat(problem.getMessage()).contains("no sign of life for more than 2 s");
        assertEnds(pid);
        use(model);
    }

    @Test
    void aModelThatKeepsCrashingForACallerIsNotStartedForItAgain() {
        Model model = model();
        for (int i = 0; i < Crashes.MAX_CRASHES; i++) {
            CompletableFuture<JsonNode> call = null;
            while (call == null) { // after the second crash there is a delay
                long pid = start(model, "clumsy");
                if (pid > 0) {
                    signal("STOP", pid);
                    call = call(model, "clumsy");
                    signal("KILL", pid);
                }
            }
            problem(call);
        }

        assertThatThrownBy(() -> call(model, "clumsy")).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status().value()).isEqualTo(422);
            assertThat(problem.code()).isEqualTo("model_unhealthy");
            assertThat(problem.getMessage()).contains("ended 3 times", "SIGKILL");
        });
        assertThat(call(model, "other").join()).hasSize(1);
    }

    @Test
    void aCrashWithCallsOfTwoCallersCountsForNeither() {
        Model model = model();
        for (int i = 0; i <= Crashes.MAX_CRASHES; i++) {
            signal("STOP", use(model));
            List<CompletableFuture<JsonNode>> lost = List.of(call(model, "one"), call(model, "two"));
            signal("KILL", pool.pid(model.getId()).orElseThrow());
            lost.forEach(HostPoolTest::problem);
        }

        assertThat(call(model, "one").join()).hasSize(1);
        assertThat(call(model, "two").join()).hasSize(1);
    }

    private long start(Model model, String caller) {
        try {
            call(model, caller).join();
            return pool.pid(model.getId()).orElse(0L);
        } catch (Problem tooSoon) {
            assertThat(tooSoon.code()).isEqualTo("model_crashed");
            assertThat(Thread.interrupted()).as("the test has timed out").isFalse();
            Thread.yield();
            return 0;
        }
    }

    /** A classifier with files of its own. */
    private Model model() {
        Answer created = api.uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "hosted/" + ++names));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return models.findById(created.text("id")).orElseThrow();
    }

    /** Predicts with the model and returns its process. */
    private long use(Model model) {
        assertThat(call(model).join()).hasSize(1);
        return pool.pid(model.getId()).orElseThrow();
    }

    private CompletableFuture<JsonNode> call(Model model) {
        return call(model, "me");
    }

    private CompletableFuture<JsonNode> call(Model model, String caller) {
        var message = new PredictMessage(List.of(new PredictMessage.Input("a fine film", null, null)), null);
        return pool.call(model, HostRequest.PREDICT, caller, message, piece -> {});
    }

    private static Problem problem(CompletableFuture<JsonNode> call) {
        try {
            throw new AssertionError("the call succeeded: " + call.join());
        } catch (CompletionException failed) {
            return (Problem) failed.getCause();
        }
    }

    private static void signal(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor();
            while (name.equals("STOP") && !isStopped(pid)) { // a busy machine stops a process later
                Thread.onSpinWait();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isStopped(long pid) throws IOException {
        Path tasks = Path.of("/proc/" + pid + "/task");
        if (!Files.exists(tasks)) {
            return true;
        }
        try (Stream<Path> threads = Files.list(tasks)) {
            for (Path thread : threads.toList()) {
                if (Files.exists(thread)
                        && !Files.readString(thread.resolve("stat")).contains(") T ")) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void assertEnds(long pid) {
        ProcessHandle.of(pid)
                .ifPresent(process ->
                        process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }

    private int running() {
        return (int) meters.get("anneal.inference.models").gauge().value();
    }

    private double started() {
        return meters.get("anneal.inference.host.start").timer().count();
    }
}
