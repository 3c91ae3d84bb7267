package dev.anneal.dataset.check;

import dev.anneal.dataset.problem.RowProblems;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Warnings about single rows, in the order of the file. All are counted, the first of each code are kept. */
final class Findings {
    private record Finding(int number, String role, String message) {}

    private static final class OfCode {
        private final List<Finding> kept = new ArrayList<>();
        private final BitCounts others = new BitCounts();
    }

    private final Map<String, OfCode> codes = new LinkedHashMap<>();

    void add(String code, int number, String role, String message) {
        OfCode found = codes.computeIfAbsent(code, key -> new OfCode());
        if (found.kept.size() < RowProblems.KEPT_WARNINGS) {
            found.kept.add(new Finding(number, role, message));
        } else {
            found.others.add(number);
        }
    }

    /** Adds the warnings to the problems, each at the column of its role. */
    void report(Map<String, String> columns, Places places, RowProblems problems) throws IOException {
        for (Map.Entry<String, OfCode> entry : codes.entrySet()) {
            String code = entry.getKey();
            for (Finding finding : entry.getValue().kept) {
                places.warn(problems, finding.number, columns.get(finding.role), code, finding.message);
            }
            problems.countWarnings(code, places.sum(entry.getValue().others));
        }
    }
}
