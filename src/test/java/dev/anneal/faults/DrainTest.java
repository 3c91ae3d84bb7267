package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real worker processes empty a queue without training; bench/faults drain runs it with ten thousand jobs. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class DrainTest {
    @Test
    void twoWorkersClaimEachJobOfAQueueOnce() throws Exception {
        Drain.Figures figures = Drain.run(2, 500, 2000);

        assertThat(figures.byProcess()).hasSize(2).allMatch(jobs -> jobs > 0);
    }
}
