package dev.anneal.log;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process if its memory runs out, because some of its threads may be dead and its data incomplete. The JVM does so
 * itself if it was started with {@code -XX:+ExitOnOutOfMemoryError}, as by the script and the container image.
 */
public final class OutOfMemory {
    private static final Logger log = LoggerFactory.getLogger(OutOfMemory.class);
    private static final int EXIT_CODE = 3; // the JVM's own

    private OutOfMemory() {}

    /** Ends the process if this error, or what caused it, says that memory ran out. */
    public static void endIf(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                log.error(
                        "The server ends because its memory ran out: {}. Raise its Java heap (-Xmx), or send fewer and smaller requests at once.",
                        cause.getMessage());
                Runtime.getRuntime().halt(EXIT_CODE);
            }
        }
    }
}
