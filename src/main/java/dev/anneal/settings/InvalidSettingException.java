package dev.anneal.settings;

import dev.anneal.text.Credentials;

/** Thrown when a configured value is not valid. The message names the property, its value without credentials, and what is valid. */
public final class InvalidSettingException extends IllegalArgumentException {
    public InvalidSettingException(String property, Object value, String expected) {
        super("%s is '%s'. It must be %s.".formatted(property, Credentials.hide(String.valueOf(value)), expected));
    }
}
