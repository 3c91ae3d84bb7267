package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.child.ProcessMemory;
import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Which hosts end for which callers, by the places and the memory that they expect to need. */
class HostPlacesTest {
    private static final long MIB = 1 << 20;

    private final AtomicLong clock = new AtomicLong();
    private final HostSettings settings = settings(4, 1000);
    private final HostPlaces places = new HostPlaces(settings, clock::get);

    private static HostSettings settings(int models, int mebibytes) {
        return new HostSettings(
                models,
                DataSize.ofMegabytes(mebibytes),
                "cpu",
                "512m",
                0,
                16,
                0,
                32_768,
                "auto",
                10_000,
                5_000,
                32,
                Duration.ofMinutes(5),
                Duration.ofMinutes(1));
    }

    /** Begins a call of a model that needs so much memory. */
    private Host begin(String model, String caller, long mebibytes) {
        Host host = places.get(model);
        if (host == null) {
            places.makeRoom(mebibytes * MIB, caller);
            host = new Host(model, false, caller);
            places.add(host);
        }
        host.begin(caller, mebibytes * MIB, clock.get());
        return host;
    }

    private void use(String model, String caller) {
        begin(model, caller, 10).end(caller, clock.get());
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
        clock.addAndGet(Duration.ofMinutes(1).plusNanos(1).toNanos());
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
