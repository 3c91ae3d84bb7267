package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.training.event.EventStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
    /** An example takes a second, or a third of one if it is only evaluated. */
    @Test
    void theTimeLeftCountsTheValidationRowsOnceMoreIfThereAreNoTestRows() {
        assertThat(secondsLeft(0)).isCloseTo(2 * 10 - 5 + (2 * 6 + 6) / 3.0, within(1e-9));
        assertThat(secondsLeft(3)).isCloseTo(2 * 10 - 5 + (2 * 6 + 3) / 3.0, within(1e-9));
    }

    private static double secondsLeft(int testExamples) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        EventStream events = new EventStream(new PrintStream(told, true, StandardCharsets.UTF_8));
        new Progress(events, 2, 4, 10, 6, testExamples).stepped(1, 1, 5, 0.5, 0.1, 5);
        return Json.MAPPER
                .readTree(told.toString(StandardCharsets.UTF_8))
                .path("data")
                .path("eta_seconds")
                .asDouble();
    }
}
