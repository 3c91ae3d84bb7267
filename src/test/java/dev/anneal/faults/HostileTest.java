package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A minute of what bench/hostile does at length. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
class HostileTest {
    @Test
    void brokenModelsAndAwkwardTextsAreAnsweredWhileOthersCall() throws Exception {
        Hostile.Figures figures = Hostile.run(20, 200, 11, false);

        assertThat(figures.cases()).isGreaterThanOrEqualTo(220);
        assertThat(figures.goodCalls()).isGreaterThan(50);
    }
}
