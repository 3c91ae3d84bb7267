package dev.anneal.child;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The launcher of child JVMs: trainers, model hosts, and checks of a model's files. A child uses the Java and the class path of
 * this process, and sees no variable of this process that may hold a credential.
 */
@Component
public class ChildJvm {
    /** The variables of this process that a child sees: those of the system and of the native libraries. */
    private static final Set<String> VARIABLES = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "LD_LIBRARY_PATH",
            "LD_PRELOAD",
            "JAVA_HOME");

    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private static final List<String> PREFIXES = List.of(
            "LC_",
            "CUDA_",
            "NVIDIA_",
            "NCCL_",
            "OMP_",
            "GOMP_",
            "KMP_",
            "MKL_",
            "DNNL_",
            "ONEDNN_",
            "MALLOC_",
            "DJL_",
            "PYTORCH_",
            "TORCH_",
            "ATEN_");

    private final TorchSettings torch;
    private final ChildClassPath classPath;

    public ChildJvm(DataDirectory data, TorchSettings torch) {
        this.torch = torch;
        this.classPath = new ChildClassPath(data);
    }

    /** Returns whether the program was replaced or deleted, so that this process could not start its last child. */
    public boolean isProgramReplaced() {
        return classPath.isReplaced();
    }

    /** Looks for the program that children would run. Throws a {@link ProgramReplacedException} if it was replaced or deleted. */
    void checkProgram() throws IOException {
        classPath.value();
    }

    /** Returns the command line of a main class, with a size of heap such as {@code 512m}. */
    public List<String> command(String main, String heap, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx" + heap,
                // It runs mostly in native code, so these favour a quick start.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // A matrix on its way from a GPU to a file may be larger than the heap.
                "-XX:MaxDirectMemorySize=4g",
                "-Xshare:auto"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath.value(), main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns the variables that a child needs which computes on a device ({@code cpu}, {@code cuda:1}) of any machine. */
    public Map<String, String> environment(String device) {
        Map<String, String> environment = new HashMap<>(torch.environment(device));
        environment.put("OMP_WAIT_POLICY", "PASSIVE"); // on a busy machine steps take a quarter of the time
        environment.put("DJL_CACHE_DIR", System.getProperty("DJL_CACHE_DIR", defaultCache()));
        return environment;
    }

    /**
     * Returns a process to start on this machine, with {@link #environment} and the harmless variables of this process. Of the
     * GPUs it sees only its own.
     */
    public ProcessBuilder process(List<String> command, String device) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(variable -> !isHarmless(variable));
        builder.environment().putAll(environment(device));
        if (!device.equals("cpu")) {
            builder.environment().put(VISIBLE, visible(device, System.getenv(VISIBLE)));
        }
        return builder;
    }

    /** Returns the name by which CUDA knows a device: {@code cuda:1} is the second of the GPUs that this process may use. */
    static String visible(String device, @Nullable String visible) {
        String number = device.contains(":") ? device.substring(device.indexOf(':') + 1) : "0";
        if (visible == null || visible.isBlank()) {
            return number;
        }
        String[] names = visible.split("\\s*,\\s*");
        if (Integer.parseInt(number) >= names.length) {
            throw new IllegalStateException("There is no device %s: %s is '%s'.".formatted(device, VISIBLE, visible));
        }
        return names[Integer.parseInt(number)];
    }

    static boolean isHarmless(String variable) {
        // What is verbose writes to the standard output, which is the protocol.
        return VARIABLES.contains(variable)
                || PREFIXES.stream().anyMatch(variable::startsWith) && !variable.endsWith("_VERBOSE");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String defaultCache() {
        String set = System.getenv("DJL_CACHE_DIR");
        return set != null
                ? set
                : Path.of(System.getProperty("user.home"), ".djl.ai").toString();
    }
}
