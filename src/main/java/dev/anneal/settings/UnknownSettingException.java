package dev.anneal.settings;

/** Thrown when a setting is given that does not exist. The message names it and the nearest one. */
public final class UnknownSettingException extends IllegalArgumentException {
    UnknownSettingException(String message) {
        super(message);
    }
}
