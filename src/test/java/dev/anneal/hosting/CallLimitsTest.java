package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** A model for which eight texts may wait, a key for which five may, and a model that generates two texts while one waits. */
class CallLimitsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final CallLimits limits = new CallLimits(
            new HostSettings(
                    4,
                    DataSize.ofBytes(0),
                    "cpu",
                    "512m",
                    0,
                    2,
                    0,
                    4096,
                    "auto",
                    8,
                    5,
                    1,
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1)),
            meters);

    @Test
    void aRequestIsAcceptedWholeOrRefusedWhole() {
        CallLimits.Permit first = limits.predict("m", "a", 4, 0);
        limits.predict("m", "b", 3, 0);

        assertThatTooBusy(() -> limits.predict("m", "c", 2, 0), "max-waiting is 8");
        assertThat(waiting()).isEqualTo(7);
        limits.predict("m", "c", 1, 0);

        first.close();
        limits.predict("m", "d", 4, 0);
        assertThat(waiting()).isEqualTo(8);
    }

    @Test
    void aKeyHasALimitOverAllModels() {
        limits.predict("m", "a", 3, 0);
        assertThatTooBusy(() -> limits.predict("n", "a", 3, 0), "max-waiting-per-key is 5");
        assertThat(waiting()).isEqualTo(3);
        limits.predict("n", "b", 3, 0);
    }

    @Test
    void aRequestOfAnySizeIsAcceptedIfNothingWaits() {
        CallLimits.Permit large = limits.predict("m", "a", 100, 0);
        assertThatTooBusy(() -> limits.predict("m", "b", 1, 0), "max-waiting");
        large.close();
        assertThatCode(() -> limits.predict("m", "b", 1, 0)).doesNotThrowAnyException();
    }

    @Test
    void aLongTextCountsForMore() {
        limits.predict("m", "a", 1, 7_000);
        assertThatTooBusy(() -> limits.predict("m", "b", 1, 0), "max-waiting");
    }

    @Test
    void generationsWaitForTheirModelOnly() {
        limits.generate("m", "a");
        limits.generate("m", "a");
        CallLimits.Permit third = limits.generate("m", "a");
        assertThatTooBusy(() -> limits.generate("m", "b"), "max-waiting-generations");
        limits.generate("n", "b");
        third.close();
        limits.generate("m", "b");
    }

    @Test
    void aPermitGivesItsRoomBackOnce() {
        limits.predict("m", "a", 2, 0);
        CallLimits.Permit permit = limits.predict("m", "b", 2, 0);
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
