package dev.anneal.dataset.problem;

import dev.anneal.web.Problem;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The treatment of a file with bad rows. It is rejected, or the rows are set aside if they are few enough.
 *
 * @param skip whether bad rows are set aside
 * @param most how many may be: a share of all rows if below 1, a number otherwise
 */
public record ErrorPolicy(boolean skip, double most) {
    public static final double DEFAULT_MOST = 0.01;
    public static final ErrorPolicy REJECT = new ErrorPolicy(false, 0);

    /** Parses the form's fields. */
    public static ErrorPolicy of(@Nullable String onError, @Nullable String maxSkipped) {
        String given = maxSkipped == null || maxSkipped.isBlank() ? null : maxSkipped.strip();
        if (onError == null || onError.isBlank() || onError.equals("reject")) {
            if (given != null) {
                throw Problem.invalid(
                        "max_skipped",
                        "conflicting_fields",
                        "'max_skipped' only works together with 'on_error' skip. Add it, or leave out 'max_skipped'.");
            }
            return REJECT;
        }
        if (!onError.equals("skip")) {
            throw Problem.invalid("on_error", "unknown_on_error", "'on_error' must be reject or skip.");
        }
        double most = given == null ? DEFAULT_MOST : number(given);
        if (!(most >= 0 && most <= 1e9) || most > 1 && most != Math.rint(most)) {
            throw Problem.invalid(
                    "max_skipped",
                    "out_of_range",
                    "'max_skipped' must be a share of the rows below 1, such as 0.01, or a whole number of rows.");
        }
        return new ErrorPolicy(true, most);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Returns the message for a file that has more bad rows than the limit. */
    public String refusal(long bad, long rows) {
        return "%,d of %,d rows %s bad, but at most %s may be skipped. Raise 'max_skipped', or correct the rows."
                .formatted(
                        bad,
                        rows,
                        bad == 1 ? "is" : "are",
                        most < 1
                                ? new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT))
                                                .format(most * 100)
                                        + " %"
                                : "%,d".formatted((long) most));
    }

    /** Returns whether so many bad rows may be set aside. */
    public boolean allows(long bad, long rows) {
        return skip && bad <= (most < 1 ? most * rows : most);
    }
}
