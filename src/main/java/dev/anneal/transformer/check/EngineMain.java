package dev.anneal.transformer.check;

import ai.djl.ndarray.NDManager;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.transformer.program.Torch;
import org.slf4j.LoggerFactory;

/** The process that checks libtorch: {@code EngineMain <device>} computes a sum there and prints one line. */
public final class EngineMain {
    /** The line if the sum is right. */
    public static final String COMPUTED = "computed";
    /** The beginning of the line if there is no sum. */
    public static final String FAILED = "failed: ";

    private static final float[] VALUES = {1, 2, 3, 4};

    private EngineMain() {}

    public static void main(String[] arguments) {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        String line;
        try (NDManager manager = Torch.manager(arguments[0])) {
            float sum = manager.create(VALUES).sum().getFloat();
            line = sum == 10 ? COMPUTED : FAILED + "the sum of 1 to 4 is " + sum;
        } catch (RuntimeException | LinkageError e) {
            line = FAILED + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        }
        System.out.println(line);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
