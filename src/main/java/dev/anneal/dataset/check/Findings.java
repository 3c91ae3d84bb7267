package dev.anneal.dataset.check;

import dev.anneal.dataset.file.RowProblems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Warnings about single rows, in the order of the file. All are counted, the first of each code are kept. */
final class Findings {
    private record Finding(long place, @Nullable String role, String message) {}

    private static final class OfCode {
        private final List<Finding> kept = new ArrayList<>();
        private long count;
    }

    private final Map<String, OfCode> codes = new LinkedHashMap<>();

    void add(String code, long place, @Nullable String role, String message) {
        OfCode found = codes.computeIfAbsent(code, key -> new OfCode());
        found.count++;
        if (found.kept.size() < RowProblems.KEPT_WARNINGS) {
            found.kept.add(new Finding(place, role, message));
        }
    }

    /** Adds the warnings to the problems, each at the column of its role. */
    void report(Map<String, String> columns, Places places, RowProblems problems) {
        codes.forEach((code, found) -> {
            for (Finding finding : found.kept) {
                places.warn(
                        problems,
                        finding.place,
                        finding.role == null ? null : columns.get(finding.role),
                        code,
                        finding.message);
            }
            problems.countWarnings(code, found.count - found.kept.size());
        });
    }
}
