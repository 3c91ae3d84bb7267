package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hundred event streams; bench/faults streams opens a thousand. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class StreamsTest {
    @Test
    void eachStreamGetsEveryEventOnceAndInOrderThoughTheServerIsKilledAndRestarted() throws Exception {
        Streams.Figures figures = Streams.run(100, 2);

        assertThat(figures.connections()).isGreaterThan(2 * figures.streams());
    }
}
