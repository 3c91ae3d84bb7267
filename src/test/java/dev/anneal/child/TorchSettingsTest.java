package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.settings.InvalidSettingException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchSettingsTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> new TorchSettings("/no/such/folder"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessage("anneal.torch.home is '/no/such/folder'. It must be a folder with PyTorch 2.7.1."
                        + " There is no such folder."
                        + " Fill it with: pip install --target=/no/such/folder torch==2.7.1.");
    }

    @Test
    void aFolderWithoutLibtorchIsRefused() {
        assertThatThrownBy(() -> new TorchSettings(folder.toString()))
                .hasMessageContaining("This folder has no torch/lib/" + System.mapLibraryName("torch") + ".");
    }

    @Test
    void anotherVersionIsRefused() {
        TorchFolder.fill(folder, "2.8.0+cu128", true, TorchSettings.NVIDIA);
        assertThatThrownBy(() -> new TorchSettings(folder.toString()))
                .hasMessageContaining("It must be a folder with PyTorch 2.7.1. This folder has PyTorch 2.8.0.");
    }

    @Test
    void cudaWithoutItsNvidiaPackagesIsRefusedWithWhatIsMissing() {
        TorchFolder.fill(folder, "2.7.1+cu126", true, List.of("libcublas.so.12", "libcudart.so.12"));
        assertThatThrownBy(() -> new TorchSettings(folder.toString()))
                .hasMessageContaining(
                        "This folder lacks libraries of the nvidia packages: libcudnn.so.9, libcufft.so.11,");
    }

    @Test
    void aPyTorchForCpusNeedsNoNvidiaPackagesButRefusesGpus() {
        TorchFolder.fill(folder, "2.7.1+cpu", false, List.of());
        TorchSettings settings = new TorchSettings(folder.toString());

        settings.check("anneal.inference.device", "cpu");
        assertThatThrownBy(() -> settings.check("anneal.inference.device", "cuda:0"))
                .hasMessageStartingWith("anneal.inference.device is 'cuda:0'. It must be cpu, because the PyTorch in"
                        + " anneal.torch.home does not support GPUs.");
    }

    @Test
    void aChildGetsTheFourVariablesOfDjlForItsDevice() {
        TorchSettings settings = TorchFolder.withCuda(folder);

        assertThat(settings.environment("cuda:1"))
                .containsEntry("PYTORCH_LIBRARY_PATH", folder + "/torch/lib")
                .containsEntry("PYTORCH_VERSION", "2.7.1")
                .containsEntry("PYTORCH_FLAVOR", "cu128")
                .hasEntrySatisfying(
                        "LD_LIBRARY_PATH",
                        path -> assertThat(path)
                                .startsWith(folder + "/torch/lib:" + folder + "/cusparselt/lib:" + folder
                                        + "/nvidia/some/lib"));
        assertThat(settings.environment("cpu")).containsEntry("PYTORCH_FLAVOR", "cpu");
        assertThat(settings.environment("cpu").keySet()).allMatch(ChildJvm::isHarmless);
        assertThat(TorchSettings.BUNDLED.environment("cpu")).isEmpty();
    }
}
