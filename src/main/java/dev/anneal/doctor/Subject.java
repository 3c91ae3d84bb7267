package dev.anneal.doctor;

import java.util.Locale;

/** The things that a server needs, in the order in which they are shown. */
public enum Subject {
    JAVA,
    SETTINGS,
    MEMORY,
    DATA,
    DISK,
    LOCK,
    KEY,
    PORT,
    DATABASE,
    CLOCK,
    STORE,
    DEVICES,
    ENGINE;

    /** Returns the name as it is printed. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
