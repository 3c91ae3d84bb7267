package dev.anneal.transformer.program;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** libtorch: its devices, and the settings that it keeps per thread. */
public final class Torch {
    private static final Pattern GPU = Pattern.compile("(?:cuda|gpu)(?::?(\\d+))?");
    private static final String ENGINE = "PyTorch";
    private static final ThreadLocal<Integer> THREADS = new ThreadLocal<>();

    static {
        // Otherwise DJL reports its use over the network when the engine starts.
        System.setProperty("OPT_OUT_TRACKING", "true");
        Engine.getEngine(ENGINE); // loads the native libraries
    }

    private Torch() {}

    /** Returns the device with a name such as {@code cpu}, {@code cuda} or {@code cuda:1}. */
    public static Device device(String name) {
        Matcher gpu = GPU.matcher(name);
        if (gpu.matches()) {
            return Device.gpu(gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
        }
        if (!name.equals("cpu")) {
            throw new IllegalArgumentException("'" + name + "' is not a device. Use cpu or cuda:<number>.");
        }
        return Device.cpu();
    }

    /** Returns a new owner of arrays on a device; closing it frees them. */
    public static NDManager manager(String device) {
        return NDManager.newBaseManager(device(device), ENGINE);
    }

    /** Lets the calling thread compute with that many threads, and without recompiling for each new shape. */
    public static void useThreads(int threads) {
        Integer before = THREADS.get();
        if (before == null) {
            JniUtils.setGraphExecutorOptimize(false);
        }
        if (before == null || before != threads) {
            JniUtils.setNumThreads(threads);
            THREADS.set(threads);
        }
    }

    /** Seeds the random generator of the process. */
    public static void seed(long seed) {
        JniUtils.setSeed(seed);
    }
}
