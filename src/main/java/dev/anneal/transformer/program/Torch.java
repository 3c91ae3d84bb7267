package dev.anneal.transformer.program;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** libtorch: its devices, and the settings that it keeps per thread. */
public final class Torch {
    private static final Pattern GPU = Pattern.compile("(?:cuda|gpu)(?::?(\\d+))?");
    static final String ENGINE = "PyTorch";
    private static final ThreadLocal<Integer> THREADS = new ThreadLocal<>();
    private static @Nullable Engine engine;

    private Torch() {}

    /** Loads the native libraries when this is first called. */
    private static synchronized Engine engine() {
        if (engine == null) {
            // Otherwise DJL reports its use over the network when the engine starts.
            System.setProperty("OPT_OUT_TRACKING", "true");
            try {
                engine = Engine.getEngine(ENGINE);
            } catch (EngineException | LinkageError e) {
                throw new IllegalStateException(
                        "libtorch cannot be loaded: " + reason(e) + ". " + advice(reason(e)), e);
            }
        }
        return engine;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private static String advice(String reason) {
        return reason.contains("libcuda.so")
                ? "This is a part of NVIDIA's driver. Install the driver, or use the device cpu."
                : "Check anneal.torch.home if it is set, and that the directory DJL_CACHE_DIR can be written.";
    }

    /**
     * Returns the device with a name such as {@code cpu}, {@code cuda} or {@code cuda:1}. If this process may use one GPU only,
     * every name of a GPU is that of this one.
     */
    public static Device device(String name) {
        return device(name, System.getenv("CUDA_VISIBLE_DEVICES"));
    }

    static Device device(String name, @Nullable String visible) {
        Matcher gpu = GPU.matcher(name);
        if (gpu.matches()) {
            boolean isOnly = visible != null && !visible.isBlank() && !visible.contains(",");
            return Device.gpu(gpu.group(1) == null || isOnly ? 0 : Integer.parseInt(gpu.group(1)));
        }
        if (!name.equals("cpu")) {
            throw new IllegalArgumentException("'" + name + "' is not a device. Use cpu or cuda:<number>.");
        }
        return Device.cpu();
    }

    /** Returns a new owner of arrays on a device; closing it frees them. */
    public static NDManager manager(String name) {
        Device device = device(name);
        if (device.isGpu() && !engine().hasCapability("CUDA")) {
            throw new IllegalStateException(
                    "The device " + name
                            + " is unavailable: libtorch finds no GPU. Set anneal.torch.home to a PyTorch with CUDA, install NVIDIA's driver, or use the device cpu.");
        }
        engine();
        return NDManager.newBaseManager(device, ENGINE);
    }

    /** Returns a new owner of arrays on the host, from where a program copies them to its device. The other manager owns it. */
    public static NDManager onHost(NDManager manager) {
        return manager.newSubManager(Device.cpu());
    }

    /** Lets the calling thread compute with that many threads, and without recompiling for each new shape. */
    public static void useThreads(int threads) {
        engine();
        Integer before = THREADS.get();
        if (before == null) {
            JniUtils.setGraphExecutorOptimize(false);
        }
        if (before == null || before != threads) {
            JniUtils.setNumThreads(threads);
            THREADS.set(threads);
        }
    }

    /** Returns with how many threads the calling thread computes, 1 if it never said so. */
    public static int threads() {
        Integer threads = THREADS.get();
        return threads == null ? 1 : threads;
    }
}
