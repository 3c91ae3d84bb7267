package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The slots of a configuration. */
class SlotTest {
    @Test
    void theProcessorsSlotsShareFourFifthsOfTheMachineAndGpusTakeAnyJob() {
        var slots = Slot.of("cpu, cuda:0, cpu", "auto");

        assertThat(slots).extracting(Slot::device).containsExactly("cpu", "cuda:0", "cpu");
        assertThat(slots.get(1).memory()).isNull();
        assertThat(slots.get(0).memory()).isPositive().isEqualTo(slots.get(2).memory());
        assertThat(slots.get(0).memory())
                .isCloseTo(Slot.of("cpu", "auto").get(0).memory() / 2, within(1L));
    }

    @Test
    void memoryIsOneSizeForAllSlotsOrOneForEach() {
        assertThat(Slot.of("cpu,cuda:0", "16GB")).extracting(Slot::memory).containsExactly(16L << 30, 16L << 30);
        assertThat(Slot.of("cpu,cuda:0", "16GB, 80GB")).extracting(Slot::memory).containsExactly(16L << 30, 80L << 30);
        assertThatThrownBy(() -> Slot.of("cpu", "1GB,2GB")).hasMessageContaining("anneal.worker.memory");
    }
}
