package dev.anneal.report.chart;

import dev.anneal.report.html.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The range of a chart in one direction, and the numbers that are written at it. */
public record Axis(String title, double min, double max, List<Double> ticks) {
    /** Returns an axis from 0 to 1. */
    public static Axis ofShares(String title) {
        return new Axis(title, 0, 1, List.of(0.0, 0.25, 0.5, 0.75, 1.0));
    }

    /** Returns an axis for values, with round numbers at its ends. */
    public static Axis of(String title, double min, double max) {
        double span = max > min ? max - min : Math.max(Math.abs(max), 1) * 0.1;
        double step = step(span / 4);
        double from = Math.floor(min / step) * step;
        double to = Math.max(Math.ceil(max / step) * step, from + step);
        return new Axis(title, from, to, ticks(from, to, step));
    }

    /** Returns an axis for whole numbers, such as epochs. */
    public static Axis ofCounts(String title, int min, int max) {
        double step = Math.max(1, step((max - min) / 8.0));
        return new Axis(title, min, Math.max(max, min + 1), ticks(Math.ceil(min / step) * step, max, step));
    }

    /** Returns the smallest of 1, 2, 5, 10 … times a power of ten that is at least this. */
    private static double step(double least) {
        if (least <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (int factor : new int[] {1, 2, 5}) {
            if (factor * power >= least * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static List<Double> ticks(double from, double to, double step) {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; from + i * step <= to + step * 1e-6 && i < 50; i++) {
            ticks.add(from + i * step);
        }
        return ticks;
    }

    /** Returns the place of a value, from 0 to 1. */
    double place(double value) {
        return (value - min) / (max - min);
    }

    String label(double tick) {
        return Numbers.plain(round(tick));
    }

    /** Removes what an addition of decimal fractions leaves. */
    private static double round(double tick) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.6g", tick));
    }
}
