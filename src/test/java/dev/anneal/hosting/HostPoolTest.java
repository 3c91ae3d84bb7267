package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ChildJvm;
import dev.anneal.child.TorchSettings;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.Model;
import dev.anneal.model.Models;
import dev.anneal.model.ServedModels;
import dev.anneal.model.Serving;
import dev.anneal.testing.Api;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TinyClassifier;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which models have a process when at most two may have one, and what happens if one ends. */
@ServerTest
@Timeout(120)
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.inference.max-models=2",
            "anneal.inference.precision=bf16",
            "anneal.inference.stall-timeout=2s"
        })
class HostPoolTest {
    private static final String KILLER = "q".repeat(3000);

    /** A project that exists, so that the API shows it the model. */
    private static final String CLUMSY = "default";

    private static Path tiny;
    private static int names;

    @Autowired
    Api api;

    @Autowired
    ReadyModels ready;

    @Autowired
    HostPool pool;

    @Autowired
    Models models;

    @Autowired
    ServedModels served;

    @Autowired
    ArtifactStore store;

    @Autowired
    ChildJvm children;

    @Autowired
    DataDirectory data;

    @Autowired
    MeterRegistry meters;

    @BeforeAll
    static void makeAClassifier() {
        tiny = TinyClassifier.directory();
    }

    @AfterEach
    void release() {
        models.findAll().stream()
                .filter(model -> model.name().startsWith("hosted/"))
                .forEach(model -> {
                    pool.pid(model.getId()).ifPresent(pid -> signal("CONT", pid));
                    api.delete("/api/v1/models/" + model.getId()); // its process would have a share of the places
                });
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
    void aCallerThatUsesAllModelsGivesOneUpToAnother() {
        Model a = model();
        Model b = model();
        Model other = model();
        long first = use(a);
        long second = use(b);
        List.of(first, second).forEach(pid -> signal("STOP", pid));
        List<CompletableFuture<JsonNode>> waiting = List.of(call(a), call(b));

        assertThat(call(other, "another").join()).hasSize(1);

        long third = pool.pid(other.getId()).orElseThrow();
        signal("STOP", third);
        CompletableFuture<JsonNode> ofAnother = call(other, "another");
        assertThatThrownBy(() -> call(a))
                .as("its place is taken")
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("models_busy"));
        List.of(first, second, third).forEach(pid -> signal("CONT", pid));
        waiting.forEach(call -> assertThat(call.join()).hasSize(1));
        assertThat(ofAnother.join()).hasSize(1);
        assertEnds(first);
        assertThat(use(b)).isEqualTo(second);
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
    void aSilentProcessIsEndedAlsoIfItsModelWasDeletedMeanwhile() {
        Model model = model();
        long pid = use(model);
        double idle = memory();
        signal("STOP", pid);
        CompletableFuture<JsonNode> call = call(model);

        api.delete("/api/v1/models/" + model.getId());

        assertThat(memory()).as("it still takes memory").isEqualTo(idle);
        assertThat(problem(call).code()).isEqualTo("model_timeout");
        assertEnds(pid);
        assertThat(memory()).isLessThan(idle);
    }

    @Test
    void theKernelEndsTheProcessOfAModelBeforeTheServer() throws IOException {
        Path score = Path.of("/proc/" + use(model()) + "/oom_score_adj");

        assertThat(Files.readString(score)).isEqualToIgnoringNewLines("1000");
    }

    @Test
    void theProcessOfAModelThatIsDeletedWhileUnusedEndsAtOnce() {
        Model model = model();
        long pid = use(model);

        String path = "/api/v1/models/" + model.getId();
        api.delete(path);

        assertThat(api.post(path + "/predict", "{\"inputs\": [\"a fine film\"]}")
                        .status())
                .isEqualTo(404);
        assertEnds(pid);
    }

    @Test
    void aCallOfAModelThatAnotherServerDeletedSaysThatThereIsNoModel() {
        Model model = model();
        HostPool another = anotherServer();
        try {
            api.delete("/api/v1/models/" + model.getId());

            assertThat(problem(call(another, model, "me", "a fine film", 1)).code())
                    .isEqualTo("not_found");
        } finally {
            another.destroy();
        }
    }

    /** Returns the hosts of a server that shares the database and the store, but learns nothing of what this one deletes. */
    private HostPool anotherServer() {
        return new HostPool(
                served,
                store,
                children,
                data,
                TorchSettings.BUNDLED,
                TestHostSettings.of(Map.of("precision", "bf16", "spare-hosts", 0)),
                new SimpleMeterRegistry());
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

    /** Its largest bias is finite in fp32 and infinite in bf16. */
    @Test
    void aModelForWhichBf16GivesNoNumbersIsComputedInFp32AndHasNoDifference() throws IOException {
        Model model = model();
        Path weights = store.get(model.artifact()).resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) file.getLong(0);
        int bias = Json.MAPPER
                .readTree(new String(bytes, 8, header, StandardCharsets.UTF_8))
                .at("/classifier.bias/data_offsets/0")
                .asInt();
        file.putFloat(8 + header + bias, Float.MAX_VALUE);
        weights.toFile().setWritable(true);
        Files.write(weights, bytes);
        HostPool rounding = anotherServer();
        try {
            for (int start = 0; start < 2; start++) {
                assertThat(call(rounding, model, "me", "a fine film", 1).join()).hasSize(1);
                assertThat(rounding.of(model.getId())).contains(new Serving("fp32", null));
                long pid = rounding.pid(model.getId()).orElseThrow();
                signal("KILL", pid);
                assertEnds(pid);
            }
        } finally {
            rounding.destroy();
        }
    }

    @Test
    void aProcessThatIsKilledFailsOnlyTheCallsOfItsModelAndTheNextCallStartsItAgain() {
        Model killed = model();
        Model other = model();
        long pid = use(killed);
        assertThat(arguments(pid)).contains("\"difference\":null");
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
        long again = use(killed);
        assertThat(again).isNotEqualTo(pid);
        double difference = pool.of(killed.getId()).orElseThrow().difference();
        assertThat(difference).isPositive();
        assertThat(arguments(again)).as("what the first check found").contains("\"difference\":" + difference);
    }

    private static String arguments(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    void aModelThatKeepsCrashingForACallerIsNotStartedForItAgain() throws IOException {
        Model model = modelWithARegex();

        Problem refused = problem(crashUntilRefused(model, () -> List.of()));

        assertThat(refused.status().value()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("model_unhealthy");
        assertThat(refused.getMessage()).contains("ended 3 times", "SIGABRT", "does not serve this project");
        assertThat(call(model, "other").join()).hasSize(1);
        JsonNode health = view(model).get("health");
        assertThat(health.path("state").asString()).as("%s", health).isEqualTo("unhealthy");
        assertThat(Instant.parse(health.path("since").asString()))
                .isBetween(Instant.now().minusSeconds(120), Instant.now());
        assertThat(Instant.parse(health.path("until").asString()))
                .isBetween(Instant.now(), Instant.now().plusSeconds(600));
        assertThat(health.path("reason").asString()).contains("ended 3 times", "SIGABRT");
        assertThat(health.path("action").asString()).contains("Find the text");
        assertThat(view(model()).get("health").isNull()).isTrue();
        assertThat(pool.health(model.getId(), "other")).isEmpty();
    }

    private JsonNode view(Model model) {
        return api.get("/api/v1/models/" + model.getId()).json();
    }

    /** The calls of the other project are in progress each time, and some of them are computed when the process ends. */
    @Test
    void aCrashCountsForTheCallerWhoseTextWasComputedAlone() throws IOException {
        Model model = modelWithARegex();

        Problem refused = problem(crashUntilRefused(
                model,
                () -> IntStream.range(0, 4)
                        .mapToObj(i -> call(model, "other", "a fine film", 200))
                        .toList()));

        assertThat(refused.code()).isEqualTo("model_unhealthy");
        assertThat(call(model, "other").join()).hasSize(1);
    }

    @Test
    void aCrashCountsForACallThatWasCancelledMeanwhile() throws IOException {
        Model model = modelWithARegex();
        boolean isRefused = false;
        while (!isRefused) {
            CompletableFuture<JsonNode> killer = new CompletableFuture<>();
            try {
                killer = call(model, CLUMSY, KILLER, 1);
            } catch (Problem refused) {
                isRefused = refused.code().equals("model_unhealthy");
            }
            // The process has read both when this one has ended.
            call(model, "other").exceptionally(lost -> Json.MAPPER.nullNode()).join();
            killer.cancel(false);
        }
        assertThat(call(model, "other").join()).hasSize(1);
    }

    @Test
    void aProcessThatIsKilledWhileItComputesNothingCountsForNobody() {
        Model model = model();
        for (int i = 0; i <= Crashes.MAX_CRASHES; i++) {
            signal("STOP", use(model));
            CompletableFuture<JsonNode> lost = call(model);
            signal("KILL", pool.pid(model.getId()).orElseThrow());
            assertThat(problem(lost).code()).isEqualTo("model_crashed");
        }
        use(model);
    }

    /** Sends a text that ends the process, amid other calls, until the caller is refused. */
    private CompletableFuture<JsonNode> crashUntilRefused(
            Model model, Supplier<List<CompletableFuture<JsonNode>>> others) {
        int crashes = 0;
        while (true) {
            List<CompletableFuture<JsonNode>> lost = List.of();
            try {
                lost = others.get();
                CompletableFuture<JsonNode> killer = call(model, CLUMSY, KILLER, 1);
                assertThat(problem(killer).code()).isEqualTo("model_crashed");
                assertThat(++crashes).as("at most one is unexplained").isLessThanOrEqualTo(Crashes.MAX_CRASHES + 1);
            } catch (Problem refused) {
                if (refused.code().equals("model_unhealthy")) {
                    return CompletableFuture.failedFuture(refused);
                }
                assertThat(refused.code()).as("the delay after a crash").isEqualTo("model_crashed");
                pause();
            } finally {
                lost.forEach(call ->
                        call.exceptionally(ended -> Json.MAPPER.nullNode()).join());
            }
        }
    }

    /** A classifier whose tokenizer has a regular expression for which one text takes too long, so that its library aborts. */
    private Model modelWithARegex() throws IOException {
        Model model = model();
        Path file = store.get(model.artifact()).resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) Json.MAPPER.readTree(Files.readString(file));
        JsonNode before = tokenizer.get("pre_tokenizer");
        ObjectNode both = tokenizer.putObject("pre_tokenizer").put("type", "Sequence");
        ObjectNode split = both.putArray("pretokenizers").addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", "(q+q+)+z");
        split.put("behavior", "Isolated").put("invert", false);
        ((ArrayNode) both.get("pretokenizers")).add(before);
        file.toFile().setWritable(true);
        Files.writeString(file, tokenizer.toString());
        return model;
    }

    /** A classifier with its own files. */
    private Model model() {
        return ready.add("hosted/" + ++names, "default", tiny);
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
        return call(model, caller, "a fine film", 1);
    }

    private CompletableFuture<JsonNode> call(Model model, String caller, String text, int count) {
        return call(pool, model, caller, text, count);
    }

    private static CompletableFuture<JsonNode> call(HostPool pool, Model model, String caller, String text, int count) {
        var message =
                new PredictMessage(Collections.nCopies(count, new PredictMessage.Input(text, null, null)), null, null);
        return pool.call(model.served(), HostRequest.PREDICT, caller, caller, message, piece -> {});
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
                pause();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Leaves the processor to what a loop waits for. */
    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
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

    private double memory() {
        return meters.get("anneal.inference.memory.bytes").gauge().value();
    }

    private double started() {
        return meters.get("anneal.inference.host.start").timer().count();
    }
}
