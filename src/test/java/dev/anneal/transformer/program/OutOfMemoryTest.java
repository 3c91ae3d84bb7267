package dev.anneal.transformer.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {
    @Test
    void anArrayThatIsTooLargeForTheMachineIsReportedWithItsDeviceAndSize() {
        try (NDManager manager = Torch.manager("cpu")) {
            Throwable failure = catchThrowable(() -> manager.create(new Shape(1L << 46)));

            assertThat(OutOfMemory.on("cpu", new IllegalStateException("a step failed", failure)))
                    .isEqualTo("Out of memory on the device cpu, which could not allocate 281474976710656 bytes");
        }
    }

    @Test
    void theErrorOfAGpuIsReportedWithTheNameThatTheServerGivesToIt() {
        assertThat(
                        OutOfMemory.on(
                                "cuda:3",
                                new EngineException(
                                        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of"
                                                + " 139.81 GiB of which 1.20 GiB is free. Process 7 has 138.60 GiB memory in use.")))
                .isEqualTo("Out of memory on the device cuda:3, which could not allocate 2.00 GiB");
        assertThat(OutOfMemory.on("cuda:0", new EngineException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling")))
                .isEqualTo("Out of memory on the device cuda:0");
    }

    @Test
    void anotherErrorIsNotOne() {
        assertThat(OutOfMemory.on("cpu", new EngineException("index out of range in self")))
                .isNull();
    }
}
