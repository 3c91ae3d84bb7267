package dev.anneal.settings;

/** Thrown when a configured value is not valid. The message names the property, its value and what is valid. */
public final class InvalidSettingException extends IllegalArgumentException {
    public InvalidSettingException(String property, Object value, String expected) {
        super("%s is '%s'. It must be %s.".formatted(property, value, expected));
    }
}
