package dev.anneal.transformer.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class TorchTest {
    @Test
    void aDeviceIsTheProcessorOrAGpuWithItsNumber() {
        assertThat(Torch.device("cpu", null)).isEqualTo(Device.cpu());
        assertThat(Torch.device("cuda", null)).isEqualTo(Device.gpu(0));
        assertThat(Torch.device("cuda:2", null)).isEqualTo(Device.gpu(2));
        assertThat(Torch.device("cuda:1", "3,5")).isEqualTo(Device.gpu(1));
        assertThatThrownBy(() -> Torch.device("tpu", null))
                .hasMessage("'tpu' is not a device. Use cpu or cuda:<number>.");
    }

    @Test
    void aProcessThatSeesOneGpuHasItUnderAnyNumber() {
        assertThat(Torch.device("cuda:1", "1")).isEqualTo(Device.gpu(0));
        assertThat(Torch.device("cuda:7", "GPU-5d2")).isEqualTo(Device.gpu(0));
    }

    @Test
    void aGpuThatLibtorchDoesNotFindIsReportedWithWhatToDo() {
        assertThatThrownBy(() -> Torch.manager("cuda:0"))
                .hasMessage(
                        "The device cuda:0 is unavailable: libtorch finds no GPU. Set anneal.torch.home to a PyTorch with"
                                + " CUDA, install NVIDIA's driver, or use the device cpu.");
    }
}
