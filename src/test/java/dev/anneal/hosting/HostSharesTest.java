package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.child.ProcessMemory;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Which hosts end for which callers, by the places and the memory that they expect to need. */
class HostSharesTest {
    private static final long MIB = 1 << 20;

    private final AtomicLong clock = new AtomicLong();
    private final HostSettings settings = settings(4, 1000);
    private final HostPlaces places = new HostPlaces(clock::get);
    private final HostShares shares = new HostShares(settings, places, clock::get);
    private final List<Process> processes = new ArrayList<>();

    @TempDir
    Path directory;

    private static HostSettings settings(int models, int mebibytes) {
        return TestHostSettings.of(Map.of("max-models", models, "spare-hosts", 0, "max-memory", mebibytes + "MB"));
    }

    /** Begins a call of a model that needs so much memory. */
    private Host begin(String model, String caller, long mebibytes) {
        Host host = places.get(model);
        if (host == null) {
            shares.makeRoom(mebibytes * MIB, caller);
            host = new Host(model, false, caller);
            places.add(host);
        }
        host.begin(caller, mebibytes * MIB, clock.get());
        return host;
    }

    private void use(String model, String caller) {
        use(model, caller, 10);
    }

    private void use(String model, String caller, long mebibytes) {
        begin(model, caller, mebibytes).end(caller, clock.get());
    }

    /** Starts a process for a host, and returns a call of it that never gets an answer. */
    private CompletableFuture<JsonNode> callThatLasts(Host host) throws IOException {
        Process process = new ProcessBuilder("sleep", "600").start();
        processes.add(process);
        HostProcess started = new HostProcess(
                host.model, process, RunningSteps.open(directory.resolve(host.model)), loaded -> {}, ended -> {});
        host.process.complete(started);
        return Objects.requireNonNull(started.call(HostRequest.TOKENIZE, "project", "key", List.of(), piece -> {}));
    }

    private void waitAMinute() {
        clock.addAndGet(Duration.ofMinutes(1).plusNanos(1).toNanos());
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    private List<String> models() {
        return places.placed().stream().map(host -> host.model).sorted().toList();
    }

    private void assertBusy(String model, String caller, long mebibytes) {
        assertThatThrownBy(() -> begin(model, caller, mebibytes))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("models_busy"));
    }

    @Test
    void memoryIsTakenFromTheCallerThatHoldsTheMost() {
        begin("small", "a", 100);
        begin("large", "b", 800);

        begin("other", "c", 400);

        assertThat(models()).containsExactly("other", "small");
        assertThat(places.memory()).as("it ends after its last call").isEqualTo(1300 * MIB);
        assertBusy("another", "b", 400);
    }

    @Test
    void noMemoryIsTakenForAHostThatNeedsMore() {
        begin("small", "a", 300);
        begin("large", "b", 600);

        assertBusy("larger", "c", 700);

        assertThat(models()).containsExactly("large", "small");
    }

    @Test
    void asManyHostsEndAsTheMemoryOfAnotherNeeds() {
        List.of("b1", "b2", "b3").forEach(model -> begin(model, "b", 300));

        begin("other", "c", 600);

        assertThat(models()).containsExactly("b3", "other");
    }

    @Test
    void oneHostThatHasEnoughMemoryEndsBeforeSeveral() {
        begin("small", "b", 100);
        begin("middle", "b", 300);
        begin("large", "b", 500);

        begin("other", "c", 350);

        assertThat(models()).containsExactly("large", "other", "small");
    }

    @Test
    void noIdleHostEndsForOneThatIsRefusedOrDoesNotNeedItsMemory() {
        use("idle", "a", 100);
        begin("busy", "b", 800);

        assertBusy("larger", "c", 850);
        assertThat(models()).containsExactly("busy", "idle");

        begin("other", "c", 700);
        assertThat(models()).containsExactly("idle", "other");
    }

    @Test
    void aHostWhoseLastCallLastsForMoreThanAMinuteIsClosedOnceItsMemoryIsMissing() throws Exception {
        Host large = begin("large", "a", 900);
        CompletableFuture<JsonNode> call = callThatLasts(large);
        places.end(large);
        assertBusy("next", "b", 200);
        waitAMinute();
        begin("small", "b", 50);
        shares.endBeyondMemory();
        assertThat(places.all()).as("its memory is not missing").contains(large);

        begin("next", "b", 200);

        assertThat(places.memory()).isEqualTo(250 * MIB);
        assertUnloaded(call);
    }

    @Test
    void aHostWhoseLastCallLastsIsClosedAlsoIfAllTogetherTakeTooMuchMemory() throws Exception {
        Host large = begin("large", "b", 800);
        CompletableFuture<JsonNode> call = callThatLasts(large);
        begin("other", "c", 400);
        shares.endBeyondMemory();
        assertThat(places.all()).contains(large);

        waitAMinute();
        shares.endBeyondMemory();

        assertThat(places.all()).doesNotContain(large);
        assertUnloaded(call);
    }

    private static void assertUnloaded(CompletableFuture<JsonNode> call) {
        assertThatThrownBy(() -> call.get(1, TimeUnit.MINUTES))
                .cause()
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("model_unloaded"));
    }

    @Test
    void hostsThatGrowEndIdleOnesOfTheirOwnCallerAndNotThoseThatAnotherUsedRecently() {
        use("victim", "b", 100);
        use("own", "a", 100);
        Host growing = begin("growing", "a", 100);
        growing.begin("a", 850 * MIB, clock.get());

        shares.endBeyondMemory();
        assertThat(models()).containsExactly("growing", "victim");

        growing.begin("a", 2000 * MIB, clock.get());
        shares.endBeyondMemory();
        assertThat(models()).as("the victim has no more than its share").contains("victim");

        waitAMinute();
        shares.endBeyondMemory();
        assertThat(models()).as("it was not used for a minute").containsExactly("growing");
    }

    @Test
    void theMemoryOfHostsThatEndAfterTheirLastCallCounts() {
        Host deleted = begin("deleted", "a", 900);
        places.end(deleted);
        assertThat(places.all()).as("those that are watched").containsExactly(deleted);

        assertBusy("next", "a", 200);

        places.forget(deleted);
        begin("next", "a", 200);
    }

    @Test
    void aCallerWithItsShareOfThePlacesEndsItsOwnIdleHostsFirst() {
        use("victim", "b");
        List.of("a1", "a2", "a3").forEach(model -> use(model, "a"));

        use("a4", "a");

        assertThat(models()).containsExactly("a2", "a3", "a4", "victim");
    }

    @Test
    void aCallerWithItsShareDoesNotEndTheHostThatAnotherUsedRecently() {
        use("victim", "b");
        List.of("a1", "a2", "a3").forEach(model -> begin(model, "a", 10));

        assertBusy("a4", "a", 10);

        assertThat(models()).contains("victim");
        waitAMinute();
        use("a4", "a");
        assertThat(models()).as("it was not used for a minute").doesNotContain("victim");
    }

    @Test
    void aCallerAloneMayUseAllPlaces() {
        List.of("a1", "a2", "a3", "a4", "a5").forEach(model -> use(model, "a"));

        assertThat(models()).containsExactly("a2", "a3", "a4", "a5");
    }

    @Test
    void aHostNeverMayFillTheMemoryOfTheMachine() {
        long machine = ProcessMemory.ofMachine();

        assertThat(settings.memoryLimit(10 * MIB)).isEqualTo(1000 * MIB);
        assertThat(settings.memoryLimit(700 * MIB)).isEqualTo(1400 * MIB);
        assertThat(settings.memoryLimit(machine)).isEqualTo(machine - machine / 8);
    }
}
