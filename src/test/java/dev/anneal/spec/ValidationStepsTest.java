package dev.anneal.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ValidationStepsTest {
    @Test
    void withoutEvalStepsTheEndsOfTheEpochsAreDue() {
        assertThat(due(new ValidationSteps(5, 3, null))).containsExactly(5, 10, 15);
    }

    @Test
    void evalStepsCountOverAllEpochsAndAddToTheEnds() {
        assertThat(due(new ValidationSteps(5, 3, 2))).containsExactly(2, 4, 5, 6, 8, 10, 12, 14, 15);
        assertThat(due(new ValidationSteps(6, 2, 4))).containsExactly(4, 6, 8, 12);
        assertThat(due(new ValidationSteps(5, 3, 7))).containsExactly(5, 7, 10, 14, 15);
        assertThat(due(new ValidationSteps(5, 3, 16))).containsExactly(5, 10, 15);
    }

    @Test
    void theNumberOfValidationsIsThatOfTheDueSteps() {
        for (int evalSteps = 1; evalSteps < 20; evalSteps++) {
            ValidationSteps steps = new ValidationSteps(6, 3, evalSteps);
            for (long step = 0; step <= steps.steps(); step++) {
                assertThat(steps.within(step))
                        .as("%d of every %d", step, evalSteps)
                        .isEqualTo(LongStream.rangeClosed(1, step)
                                .filter(steps::isDue)
                                .count());
            }
            assertThat(steps.count()).isEqualTo(due(steps).length);
        }
    }

    @Test
    void tooManyValidationsAreRefusedWithTheLeastEvalSteps() {
        assertThat(new ValidationSteps(2001, 2, 5).problem()).isNull();
        assertThat(new ValidationSteps(2001, 2, 4).problem())
                .isEqualTo("is 4, but the job has 4,002 steps and can have at most 1,000 validations within epochs. "
                        + "Use at least 5.");
        assertThat(new ValidationSteps(2001, 2, null).problem()).isNull();
    }

    private static long[] due(ValidationSteps steps) {
        return LongStream.rangeClosed(1, steps.steps()).filter(steps::isDue).toArray();
    }
}
