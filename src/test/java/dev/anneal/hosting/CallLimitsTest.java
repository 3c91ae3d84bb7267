package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A model for which eight texts may wait, a key for which five may, and a model that generates two texts while one waits. */
class CallLimitsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final CallLimits limits = new CallLimits(
            TestHostSettings.of(Map.of(
                    "max-generations",
                    2,
                    "cache-tokens",
                    4096,
                    "max-waiting",
                    8,
                    "max-waiting-per-key",
                    5,
                    "max-waiting-generations",
                    1)),
            meters);

    @Test
    void aRequestIsAcceptedWholeOrRefusedWhole() {
        CallLimits.Permit first = limits.predict("m", "p", "a", 4, 0);
        limits.predict("m", "p", "b", 3, 0);

        assertThatTooBusy(() -> limits.predict("m", "p", "c", 2, 0), "max-waiting is 8");
        assertThat(waiting()).isEqualTo(7);
        limits.predict("m", "p", "c", 1, 0);

        first.close();
        limits.predict("m", "p", "d", 4, 0);
        assertThat(waiting()).isEqualTo(8);
    }

    @Test
    void aKeyHasALimitOverAllModels() {
        limits.predict("m", "p", "a", 3, 0);
        assertThatTooBusy(() -> limits.predict("n", "p", "a", 3, 0), "max-waiting-per-key is 5");
        assertThat(waiting()).isEqualTo(3);
        limits.predict("n", "p", "b", 3, 0);
    }

    @Test
    void aRequestOfAnySizeIsAcceptedIfNothingWaits() {
        CallLimits.Permit large = limits.predict("m", "p", "a", 100, 0);
        assertThatTooBusy(() -> limits.predict("m", "p", "b", 1, 0), "max-waiting");
        large.close();
        assertThatCode(() -> limits.predict("m", "p", "b", 1, 0)).doesNotThrowAnyException();
    }

    @Test
    void aLongTextCountsForMore() {
        limits.predict("m", "p", "a", 1, 7_000);
        assertThatTooBusy(() -> limits.predict("m", "p", "b", 1, 0), "max-waiting");
    }

    @Test
    void generationsWaitForTheirModelOnly() {
        limits.generate("m", "p", "a");
        limits.generate("m", "p", "a");
        CallLimits.Permit third = limits.generate("m", "p", "a");
        assertThatTooBusy(() -> limits.generate("m", "p", "b"), "max-waiting-generations");
        limits.generate("n", "p", "b");
        third.close();
        limits.generate("m", "p", "b");
    }

    @Test
    void theFirstCallOfAnotherProjectIsAccepted() {
        for (int i = 0; i < 3; i++) {
            limits.generate("m", "p", "a");
        }
        assertThatTooBusy(() -> limits.generate("m", "p", "b"), "max-waiting-generations");

        CallLimits.Permit first = limits.generate("m", "q", "c");
        assertThatTooBusy(() -> limits.generate("m", "q", "c"), "max-waiting-generations");
        first.close();
        limits.generate("m", "q", "c");
    }

    @Test
    void aPermitGivesItsRoomBackOnce() {
        limits.predict("m", "p", "a", 2, 0);
        CallLimits.Permit permit = limits.predict("m", "p", "b", 2, 0);
        permit.close();
        permit.close();
        assertThat(waiting()).isEqualTo(2);
    }

    private void assertThatTooBusy(ThrowingCallable call, String says) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo("too_busy");
            assertThat(problem.status().value()).isEqualTo(429);
            assertThat(problem.getMessage()).contains(says);
        });
    }

    private double waiting() {
        return meters.get("anneal.inference.waiting").gauge().value();
    }
}
