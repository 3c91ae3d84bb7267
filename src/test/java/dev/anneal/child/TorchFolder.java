package dev.anneal.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Folders that look as if pip had filled them with PyTorch; the libraries are empty files. */
public final class TorchFolder {
    private TorchFolder() {}

    /** A folder of PyTorch 2.7.1 for CUDA. */
    public static TorchSettings withCuda(Path directory) {
        fill(directory, "2.7.1+cu126", true, TorchSettings.NVIDIA);
        return new TorchSettings(directory.toString());
    }

    static void fill(Path directory, String version, boolean cuda, List<String> nvidia) {
        try {
            write(directory, "torch/version.py", "__version__ = '" + version + "'\ncuda = None\n");
            write(directory, "torch/lib/" + System.mapLibraryName("torch"), "");
            if (cuda) {
                write(directory, "torch/lib/" + System.mapLibraryName("torch_cuda"), "");
            }
            for (String library : nvidia) {
                boolean isElsewhere = library.startsWith("libcusparseLt");
                write(directory, (isElsewhere ? "cusparselt/lib/" : "nvidia/some/lib/") + library, "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path directory, String file, String text) throws IOException {
        Files.createDirectories(directory.resolve(file).getParent());
        Files.writeString(directory.resolve(file), text);
    }
}
