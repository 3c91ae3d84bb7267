package dev.anneal.worker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The slots of a configuration. */
class SlotTest {
    @Test
    void theProcessorsSlotsShareFourFifthsOfTheMachineAndGpusTakeAnyJob() {
        var slots = Slot.of("cpu, cuda:0, cpu", "auto");

        assertThat(slots).extracting(Slot::device).containsExactly("cpu", "cuda:0", "cpu");
        assertThat(slots.get(1).memory()).isNull();
        long machine = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        assertThat(slots.get(0).memory())
                .isCloseTo(machine * 2 / 5, within(1L))
                .isEqualTo(slots.get(2).memory());
        assertThat(Slot.of("cpu", "auto").get(0).memory()).isCloseTo(machine * 4 / 5, within(1L));
    }

    @Test
    void memoryIsOneSizeForAllSlotsOrOneForEach() {
        assertThat(Slot.of("cpu,cuda:0", "16GB")).extracting(Slot::memory).containsExactly(16L << 30, 16L << 30);
        assertThat(Slot.of("cpu,cuda:0", "16GB, 80GB")).extracting(Slot::memory).containsExactly(16L << 30, 80L << 30);
        assertThatThrownBy(() -> Slot.of("cpu", "1GB,2GB")).hasMessageContaining("anneal.worker.memory");
    }

    @Test
    void theLogDescribesASlotInWords() {
        assertThat(new Slot("slot-0", "cpu", 1, 16_000_000_000L).describe())
                .isEqualTo("slot-0 (device cpu, 1 thread, 16.0 GB of memory)");
        assertThat(new Slot("slot-1", "cuda:0", 4, null).describe())
                .isEqualTo("slot-1 (device cuda:0, 4 threads, no memory limit)");
    }
}
