package dev.anneal.web.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class UploadSlotsTest {
    private final UploadSlots slots = new UploadSlots(3, 2);

    @Test
    void oneProjectCannotHaveAllSlots() {
        UploadSlots.Slot first = slots.take("p");
        slots.take("p");
        assertThatThrownBy(() -> slots.take("p")).isInstanceOf(Problem.class);

        assertThatCode(() -> slots.take("q")).doesNotThrowAnyException();
        assertThatThrownBy(() -> slots.take("r")).isInstanceOf(Problem.class);

        first.close();
        assertThatCode(() -> slots.take("r")).doesNotThrowAnyException();
    }

    @Test
    void aFewProjectsCannotHaveAllSlots() {
        UploadSlots many = new UploadSlots(16, 6);
        for (String project : List.of("p", "q", "r", "s")) {
            assertThat(many.tryTake(project)).isPresent();
            while (many.tryTake(project).isPresent()) {
                // takes all that it can have
            }
        }

        assertThat(many.tryTake("t")).isPresent();
    }
}
