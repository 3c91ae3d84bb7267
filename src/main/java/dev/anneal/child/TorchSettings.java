package dev.anneal.child;

import dev.anneal.settings.InvalidSettingException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The libtorch that children load: that of PyTorch in a folder, or the bundled one, which computes on a CPU only.
 *
 * @param home a folder that {@code pip install --target} filled with PyTorch and its nvidia packages; empty for the bundled
 *     libtorch
 */
@ConfigurationProperties("anneal.torch")
public record TorchSettings(@DefaultValue("") String home) {
    public static final TorchSettings BUNDLED = new TorchSettings("");

    private static final String PROPERTY = "anneal.torch.home";
    /** The version that DJL's library was built for. No other works. */
    private static final String VERSION = "2.7.1";

    /** DJL's library for CUDA 12, which runs with PyTorch's packages for 12.6 and 12.8. */
    private static final String CUDA = "cu128";

    /** Libraries of the nvidia packages without which PyTorch for CUDA cannot be loaded. */
    static final List<String> NVIDIA = List.of(
            "libcublas.so.12",
            "libcudart.so.12",
            "libcudnn.so.9",
            "libcufft.so.11",
            "libcufile.so.0",
            "libcupti.so.12",
            "libcurand.so.10",
            "libcusolver.so.11",
            "libcusparse.so.12",
            "libcusparseLt.so.0",
            "libnccl.so.2",
            "libnvJitLink.so.12",
            "libnvrtc.so.12");

    public TorchSettings {
        if (!home.isBlank()) {
            String problem = problem(Path.of(home));
            if (problem != null) {
                throw new InvalidSettingException(
                        PROPERTY,
                        home,
                        "a folder with PyTorch %s. %s Fill it with: pip install --target=%s torch==%s"
                                .formatted(VERSION, problem, home, VERSION));
            }
        }
    }

    private static @Nullable String problem(Path home) {
        Path lib = home.resolve("torch/lib");
        if (!Files.isRegularFile(lib.resolve(System.mapLibraryName("torch")))) {
            return Files.isDirectory(home)
                    ? "This folder has no torch/lib/" + System.mapLibraryName("torch") + "."
                    : "There is no such folder.";
        }
        String version = version(home);
        if (!version.equals(VERSION)) {
            return "This folder has PyTorch " + version + ".";
        }
        if (!hasCuda(home)) {
            return null;
        }
        List<String> missing = new ArrayList<>(NVIDIA);
        libraryPath(home).forEach(directory -> missing.removeIf(name -> Files.exists(directory.resolve(name))));
        return missing.isEmpty()
                ? null
                : "This folder lacks libraries of the nvidia packages: " + String.join(", ", missing) + ".";
    }

    /** Returns the version without the suffix that names a build, such as {@code +cu126}. */
    private static String version(Path home) {
        try {
            Matcher version = Pattern.compile("__version__ = '([^'+]+)")
                    .matcher(Files.readString(home.resolve("torch/version.py")));
            return version.find() ? version.group(1) : "of an unknown version";
        } catch (IOException e) {
            return "of an unknown version";
        }
    }

    private static boolean hasCuda(Path home) {
        return Files.exists(home.resolve("torch/lib").resolve(System.mapLibraryName("torch_cuda")));
    }

    /** Returns the directories with libtorch and the libraries that it needs. */
    private static List<Path> libraryPath(Path home) {
        List<Path> directories = new ArrayList<>(List.of(home.resolve("torch/lib"), home.resolve("cusparselt/lib")));
        try (Stream<Path> packages = Files.list(home.resolve("nvidia"))) {
            packages.map(each -> each.resolve("lib"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .forEach(directories::add);
        } catch (IOException none) {
            // a PyTorch without CUDA, or an incomplete one
        }
        return directories;
    }

    /** Returns whether children can compute on GPUs; also if the operator has set the variables of DJL. */
    public boolean hasCuda() {
        return home.isBlank() ? System.getenv("PYTORCH_LIBRARY_PATH") != null : hasCuda(Path.of(home));
    }

    /** Refuses a device that children cannot compute on. */
    public void check(String property, String device) {
        if (!device.equals("cpu") && !hasCuda()) {
            throw new InvalidSettingException(
                    property,
                    device,
                    "cpu, because %s. To use GPUs, set %s to a folder that this fills: pip install --target=<folder> torch==%s"
                            .formatted(
                                    home.isBlank()
                                            ? "the bundled libtorch does not support GPUs"
                                            : "the PyTorch in " + PROPERTY + " does not support GPUs",
                                    PROPERTY,
                                    VERSION));
        }
    }

    /** Returns the variables with which a child that computes on a device finds this libtorch. */
    Map<String, String> environment(String device) {
        if (home.isBlank()) {
            return Map.of();
        }
        Path folder = Path.of(home).toAbsolutePath();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PYTORCH_LIBRARY_PATH", folder.resolve("torch/lib").toString());
        environment.put("PYTORCH_VERSION", VERSION);
        environment.put("PYTORCH_FLAVOR", device.equals("cpu") ? "cpu" : CUDA);
        List<String> path =
                new ArrayList<>(libraryPath(folder).stream().map(Path::toString).toList());
        String own = System.getenv("LD_LIBRARY_PATH");
        if (own != null && !own.isBlank()) {
            path.add(own);
        }
        environment.put("LD_LIBRARY_PATH", String.join(File.pathSeparator, path));
        return environment;
    }
}
