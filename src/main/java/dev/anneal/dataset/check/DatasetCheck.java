package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.problem.RowProblems;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks all rows of a dataset in one pass, with bounded memory. What needs all rows, or their splits, is found when they are
 * complete. It needs a few bits of memory and 200 bytes of temporary files for each row.
 */
public final class DatasetCheck implements AutoCloseable {
    private final Findings findings = new Findings();
    private final TextCheck texts = new TextCheck(findings);
    private final LabelCheck labels = new LabelCheck();
    private final TagCheck tags = new TagCheck();
    private final ColumnCheck columns = new ColumnCheck();
    private final Sides sides = new Sides();
    private final Duplicates duplicates;
    private final Places places;
    private final CheckOptions options;
    private boolean drawn;

    public DatasetCheck(Path directory, CheckOptions options) {
        this.duplicates = new Duplicates(directory, options);
        this.places = new Places(duplicates, sides);
        this.options = options;
    }

    public void add(Row row) throws IOException {
        ObjectNode content = row.content();
        int number = (int) Math.min(row.number(), Integer.MAX_VALUE);
        if (number == Integer.MAX_VALUE) {
            return; // a limit of the tables of rows, and 200 times the default of anneal.limits.max-rows
        }
        for (String role : RowTexts.ROLES) {
            JsonNode text = content.get(role);
            if (text != null) {
                texts.check(text.asString(""), role, number);
            }
        }
        for (JsonNode token : content.path("tokens")) {
            texts.check(token.asString(""), "tokens", number);
        }
        for (JsonNode message : content.path("messages")) {
            texts.check(message.path("content").asString(""), "messages", number);
        }
        checkLabels(row, number);
        addDuplicate(row, number);
    }

    private void checkLabels(Row row, int number) {
        String label = row.label();
        if (label != null) {
            labels.add(label, number);
            columns.add(row, label);
        }
        for (JsonNode one : row.content().path("labels")) {
            labels.add(one.asString(""), number);
        }
        if (row.content().has("tags")) {
            tags.check(row.content().get("tags"), number);
        }
    }

    private void addDuplicate(Row row, int number) throws IOException {
        if (row.split() == null) {
            drawn = true;
        } else if (!row.split().equals("train")) {
            sides.evaluate(number);
        }
        duplicates.add(number, places.of(row), RowTexts.of(row.content()), RowTexts.label(row.content()));
    }

    /** Returns whether the file does not give the split of a row, so that {@link #sides} must be told. */
    public boolean isDrawn() {
        return drawn;
    }

    public Sides sides() {
        return sides;
    }

    /** Leaves a row out, because it is set aside: no warning concerns it. */
    public void leaveOut(int number) {
        sides.leaveOut(number);
    }

    /** Adds an error about a row. */
    public void error(RowProblems problems, long number, @Nullable String column, String code, String message)
            throws IOException {
        places.error(problems, (int) number, column, code, message);
    }

    /** Adds all warnings to the problems, if no row is left out. */
    public void report(Map<String, String> roles, boolean complete, SearchTime time, RowProblems problems)
            throws IOException {
        report(roles, complete, labels.counts(), time, problems);
    }

    /**
     * Adds all warnings to the problems.
     *
     * @param complete whether no bad rows are missing
     * @param labelCounts the rows of each label, if no bad rows are missing
     * @param time that the search for near duplicates may take. The other checks are quick
     */
    public void report(
            Map<String, String> roles,
            boolean complete,
            Map<String, Long> labelCounts,
            SearchTime time,
            RowProblems problems)
            throws IOException {
        findings.report(roles, places, problems);
        tags.report(roles, places, problems);
        boolean exclusive = roles.containsKey("label");
        if (exclusive || roles.containsKey("labels")) {
            labels.report(
                    roles.getOrDefault(exclusive ? "label" : "labels", ""),
                    exclusive,
                    complete,
                    labelCounts,
                    places,
                    problems);
        }
        columns.report(roles, problems);
        reportRepetitions(roles, time, problems);
    }

    private void reportRepetitions(Map<String, String> roles, SearchTime time, RowProblems problems)
            throws IOException {
        FirstRepetitions found = new FirstRepetitions(time);
        boolean complete = duplicates.find(sides, EnumSet.allOf(Duplicates.Kind.class), found);
        String column = List.of("text", "tokens", "messages", "prompt").stream()
                .filter(roles::containsKey)
                .findFirst()
                .map(roles::get)
                .orElse("");
        for (Duplicates.Kind kind : Duplicates.Kind.values()) {
            String code = Repetitions.code(kind);
            List<FirstRepetitions.Repetition> first = found.first(kind);
            for (FirstRepetitions.Repetition repetition : first) {
                places.warn(
                        problems,
                        repetition.row(),
                        repetition.other(),
                        column,
                        code,
                        Repetitions.message(
                                kind,
                                places.text(repetition.other(), repetition.row()),
                                repetition.similarity(),
                                duplicates.haveSameLabel(repetition.row(), repetition.other()),
                                drawn));
            }
            problems.countWarnings(code, found.count(kind) - first.size());
        }
        if (!complete) {
            problems.warn(
                    null,
                    column,
                    "near_duplicates_incomplete",
                    (time.hasEnded()
                                    ? "The search for near duplicates and near leakage was stopped after %s."
                                            .formatted(time.text())
                                    : "So many rows are similar that the search for near duplicates and near leakage was stopped.")
                            + " There may be more than those that were found. Remove these, and check again.");
        }
    }

    public CheckOptions options() {
        return options;
    }

    @Override
    public void close() throws IOException {
        duplicates.close();
    }
}
