package dev.anneal.worker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.OperatingSystemMXBean;
import dev.anneal.child.TorchFolder;
import dev.anneal.child.TorchSettings;
import dev.anneal.settings.InvalidSettingException;
import dev.anneal.testing.TestServer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The slots of a configuration. */
class SlotTest {
    private static final TorchSettings CUDA = TorchFolder.withCuda(TestServer.newDirectory());

    @Test
    void theProcessorsSlotsShareFourFifthsOfTheMachineAndGpusTakeAnyJob() {
        var slots = Slot.of("cpu, cuda:0, cpu", "auto", CUDA);

        assertThat(slots).extracting(Slot::device).containsExactly("cpu", "cuda:0", "cpu");
        assertThat(slots.get(1).memory()).isNull();
        long machine = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        assertThat(slots.get(0).memory())
                .isCloseTo(machine * 2 / 5, within(1L))
                .isEqualTo(slots.get(2).memory());
        assertThat(Slot.of("cpu", "auto", CUDA).get(0).memory()).isCloseTo(machine * 4 / 5, within(1L));
    }

    @Test
    void memoryIsOneSizeForAllSlotsOrOneForEach() {
        assertThat(Slot.of("cpu,cuda:0", "16GB", CUDA)).extracting(Slot::memory).containsExactly(16L << 30, 16L << 30);
        assertThat(Slot.of("cpu,cuda:0", "16GB, 80GB", CUDA))
                .extracting(Slot::memory)
                .containsExactly(16L << 30, 80L << 30);
        assertThatThrownBy(() -> Slot.of("cpu", "1GB,2GB", CUDA)).hasMessageContaining("anneal.worker.memory");
    }

    @Test
    void aGpuIsRefusedIfTheLibtorchOfTrainersComputesOnACpuOnly() {
        assertThatThrownBy(() -> Slot.of("cpu,cuda:1", "auto", TorchSettings.BUNDLED))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessage(
                        "anneal.worker.devices is 'cuda:1'. It must be cpu, because the bundled libtorch does not support"
                                + " GPUs. To use GPUs, set anneal.torch.home to a folder that this fills:"
                                + " pip install --target=<folder> torch==2.7.1.");
        assertThat(Slot.of("auto", "auto", TorchSettings.BUNDLED))
                .extracting(Slot::device)
                .containsExactly("cpu");
    }

    @Test
    void theLogDescribesASlotInWords() {
        assertThat(new Slot("slot-0", "cpu", 1, 16_000_000_000L).describe())
                .isEqualTo("slot-0 (device cpu, 1 thread, 16.0 GB of memory)");
        assertThat(new Slot("slot-1", "cuda:0", 4, null).describe())
                .isEqualTo("slot-1 (device cuda:0, 4 threads, no memory limit)");
    }
}
