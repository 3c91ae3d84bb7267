package dev.anneal.settings;

import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** Checks that the records of settings make in their constructors, so that a wrong value stops the start. */
public final class SettingChecks {
    private SettingChecks() {}

    public static void positive(String property, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new InvalidSettingException(property, text(value), "longer than 0");
        }
    }

    public static void notNegative(String property, Duration value) {
        if (value.isNegative()) {
            throw new InvalidSettingException(property, text(value), "0 or longer");
        }
    }

    /** Throws if a lease would end before it is renewed. */
    public static void longer(String property, Duration value, String other, Duration than) {
        if (value.compareTo(than) <= 0) {
            throw new InvalidSettingException(
                    property, text(value), "longer than %s (%s)".formatted(other, text(than)));
        }
    }

    public static void positive(String property, DataSize value) {
        if (value.toBytes() <= 0) {
            throw new InvalidSettingException(property, value, "larger than 0");
        }
    }

    public static void notNegative(String property, DataSize value) {
        if (value.isNegative()) {
            throw new InvalidSettingException(property, value, "0 or larger");
        }
    }

    public static void positive(String property, double value) {
        if (!(value > 0)) {
            throw new InvalidSettingException(property, text(value), "larger than 0");
        }
    }

    public static void notNegative(String property, double value) {
        if (!(value >= 0)) {
            throw new InvalidSettingException(property, text(value), "0 or larger");
        }
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private static String text(Duration value) {
        return value.toMillis() % 1000 == 0 ? value.toSeconds() + "s" : value.toMillis() + "ms";
    }
}
