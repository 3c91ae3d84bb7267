package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.spec.ValidationSteps;
import dev.anneal.training.event.EventStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressTest {
    /** An example takes a second, or a third of one if it is only evaluated. */
    @Test
    void theTimeLeftCountsTheValidationRowsOnceMoreIfThereAreNoTestRows() {
        assertThat(secondsLeft(null, 0)).isCloseTo(2 * 10 - 5 + (2 * 6 + 6) / 3.0, within(1e-9));
        assertThat(secondsLeft(null, 3)).isCloseTo(2 * 10 - 5 + (2 * 6 + 3) / 3.0, within(1e-9));
    }

    @Test
    void theTimeLeftCountsTheValidationsWithinEpochs() {
        assertThat(secondsLeft(1, 3)).isCloseTo(2 * 10 - 5 + (4 * 6 + 3) / 3.0, within(1e-9));
        assertThat(secondsLeft(3, 3)).isCloseTo(2 * 10 - 5 + (3 * 6 + 3) / 3.0, within(1e-9));
    }

    private static double secondsLeft(@Nullable Integer evalSteps, int testExamples) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        EventStream events = new EventStream(new PrintStream(told, true, StandardCharsets.UTF_8));
        new Progress(events, new ValidationSteps(2, 2, evalSteps), 10, 6, testExamples).stepped(1, 1, 5, 0.5, 0.1, 5);
        return Json.MAPPER
                .readTree(told.toString(StandardCharsets.UTF_8))
                .path("data")
                .path("eta_seconds")
                .asDouble();
    }
}
