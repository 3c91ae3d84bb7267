package dev.anneal.report.html;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Numbers as people read them, the same in every locale. A number that is not there is a dash. */
public final class Numbers {
    public static final String NONE = "–";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private Numbers() {}

    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Returns a number with a noun, such as {@code 1 row} or {@code 2,000 rows}. */
    public static String count(long number, String noun) {
        return count(number) + " " + noun + (number == 1 ? "" : "s");
    }

    public static String percent(double share) {
        return signed(String.format(Locale.ROOT, "%.1f", 100 * share)) + " %";
    }

    /** Returns a number with about four digits. */
    public static String decimal(double number) {
        double size = Math.abs(number);
        String format = size >= 1e6 || size > 0 && size < 5e-4
                ? "%.2e"
                : size >= 1000 ? "%,.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f";
        return signed(String.format(Locale.ROOT, format, number));
    }

    /** Returns a number of settings as it was given: 3, 0.01, 5e-5. */
    public static String plain(double number) {
        if (number == Math.rint(number) && Math.abs(number) < 1e15) {
            return signed(String.format(Locale.ROOT, "%.0f", number));
        }
        return Math.abs(number) < 1e-3
                ? signed(String.format(Locale.ROOT, "%.3e", number)
                        .replaceFirst("\\.?0*e", "e")
                        .replaceFirst("e([+-])0?", "e$1"))
                : signed(String.format(Locale.ROOT, "%.6f", number).replaceFirst("\\.?0+$", ""));
    }

    /** Returns a number with its sign. */
    public static String difference(double number) {
        return (number > 0 ? "+" : "") + decimal(number);
    }

    public static String bytes(long bytes) {
        if (bytes < 950_000) {
            return String.format(Locale.ROOT, "%.0f kB", bytes / 1e3);
        }
        return bytes < 950_000_000
                ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    public static String time(Instant time) {
        return TIME.format(time);
    }

    public static String decimal(JsonNode node, String field) {
        return node.path(field).isNumber() ? decimal(node.path(field).asDouble()) : NONE;
    }

    public static String percent(JsonNode node, String field) {
        return node.path(field).isNumber() ? percent(node.path(field).asDouble()) : NONE;
    }

    public static String count(JsonNode node, String field) {
        return node.path(field).isNumber() ? count(node.path(field).asLong()) : NONE;
    }

    /** Returns a number with the typographic minus, which is as wide as a digit. */
    private static String signed(String number) {
        return number.startsWith("-") ? "\u2212" + number.substring(1) : number;
    }
}
