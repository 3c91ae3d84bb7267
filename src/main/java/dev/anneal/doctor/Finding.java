package dev.anneal.doctor;

import org.jspecify.annotations.Nullable;

/**
 * One result of an examination.
 *
 * @param message what was found
 * @param fix what to do about it, null if nothing is wrong
 */
public record Finding(
        Subject subject,
        Status status,
        String message,
        @Nullable String fix) {
    /** A server does not work with what FAILED, and works with what is a WARNING. */
    public enum Status {
        OK,
        WARNING,
        FAILED
    }

    public static Finding ok(Subject subject, String message) {
        return new Finding(subject, Status.OK, message, null);
    }

    public static Finding warning(Subject subject, String message, String fix) {
        return new Finding(subject, Status.WARNING, message, fix);
    }

    public static Finding failed(Subject subject, String message, String fix) {
        return new Finding(subject, Status.FAILED, message, fix);
    }
}
