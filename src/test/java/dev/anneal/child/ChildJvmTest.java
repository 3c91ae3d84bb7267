package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChildJvmTest {
    private final ChildJvm children =
            new ChildJvm(new DataDirectory(new DataSettings(TestServer.newDirectory())), TorchSettings.BUNDLED);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ANNEAL_DATABASE_PASSWORD",
                "ANNEAL_HUB_TOKEN",
                "AWS_SECRET_ACCESS_KEY",
                "SPRING_DATASOURCE_PASSWORD",
                "PGPASSWORD",
                "HF_TOKEN",
                "JAVA_TOOL_OPTIONS"
            })
    void aVariableThatMayHoldACredentialIsHiddenFromAChild(String variable) {
        assertThat(ChildJvm.isHarmless(variable)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATH", "LC_ALL", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "LD_LIBRARY_PATH"})
    void aVariableOfTheSystemOrOfANativeLibraryIsPassedOn(String variable) {
        assertThat(ChildJvm.isHarmless(variable)).isTrue();
    }

    @Test
    void aChildForAGpuSeesNoOtherGpu() throws IOException {
        List<String> command = children.command("dev.anneal.training.Trainer", "64m");
        assertThat(children.process(command, "cuda:1").environment())
                .containsEntry(
                        "CUDA_VISIBLE_DEVICES", ChildJvm.visible("cuda:1", System.getenv("CUDA_VISIBLE_DEVICES")));
        assertThat(ChildJvm.visible("cuda:1", null)).isEqualTo("1");
        assertThat(ChildJvm.visible("cuda", "")).isEqualTo("0");
        assertThat(ChildJvm.visible("cuda:1", "3, GPU-5d2")).isEqualTo("GPU-5d2");
        assertThatThrownBy(() -> ChildJvm.visible("cuda:2", "3,5"))
                .hasMessage("There is no device cuda:2: CUDA_VISIBLE_DEVICES is '3,5'.");
    }

    @Test
    void aChildSeesOnlyVariablesThatAreHarmless() throws IOException {
        ProcessBuilder process = children.process(children.command("dev.anneal.training.Trainer", "64m"), "cpu");
        assertThat(process.environment())
                .containsEntry("OMP_WAIT_POLICY", "PASSIVE")
                .containsKey("DJL_CACHE_DIR");
        assertThat(process.environment().keySet()).allMatch(ChildJvm::isHarmless);
    }
}
