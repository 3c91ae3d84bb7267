package dev.anneal.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Leaves to a harness, which is no Spring application, what is printed. */
final class Quiet {
    private Quiet() {}

    static void logs() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    }
}
