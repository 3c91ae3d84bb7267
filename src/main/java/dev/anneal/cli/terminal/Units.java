package dev.anneal.cli.terminal;

import dev.anneal.text.ControlCharacters;
import dev.anneal.text.Cut;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Quantities in few characters, the same in every locale. */
public final class Units {
    private Units() {}

    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    public static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 999.5) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %sB" : "%.0f %sB", value, "kMGTP".charAt(unit));
    }

    /** Returns a number as people write it: 3, 0.01, 5e-5. */
    public static String number(double number) {
        boolean tiny = number != 0 && Math.abs(number) < 0.001;
        return new DecimalFormat(tiny ? "0.####E0" : "0.######", DecimalFormatSymbols.getInstance(Locale.ROOT))
                .format(number)
                .toLowerCase(Locale.ROOT);
    }

    /** Returns a text of others on one line, cut to a width. */
    public static String shorten(String text, int width) {
        return cut(ControlCharacters.escape(text.strip().replaceAll("\\s+", " ")), width);
    }

    public static String cut(String text, int width) {
        return text.length() <= width
                ? text
                : Cut.toLength(text, Math.max(0, width - 1)).stripTrailing() + "…";
    }
}
