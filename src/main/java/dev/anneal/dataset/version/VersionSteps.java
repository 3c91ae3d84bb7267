package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The steps that make a version of a dataset. The rows stream through all of them. A step that must know all rows reads them
 * once before that, through the steps before it.
 */
public final class VersionSteps {
    private record Asked(Step step, JsonNode json) {}

    private static final class Counts {
        private long removed;
        private long changed;
        private long added;
    }

    private final List<Asked> steps = new ArrayList<>();
    private final List<Counts> counts = new ArrayList<>();

    /** Returns how many steps read all rows once more. */
    long costly() {
        return steps.stream().filter(asked -> asked.step.isCostly()).count();
    }

    void add(Step step, JsonNode json) {
        steps.add(new Asked(step, json));
        counts.add(new Counts());
    }

    /**
     * Returns the rows after all steps.
     *
     * @param maxRows the most rows that a step may give, 0 for any number
     */
    public RowSource apply(RowSource rows, Path directory, long maxRows, Deadline deadline) throws IOException {
        RowSource after = visitor -> rows.forEach(row -> {
            deadline.check();
            visitor.visit(row);
        });
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).step.prepare(after, directory, deadline);
            after = after(after, i, maxRows, deadline);
        }
        return after;
    }

    private RowSource after(RowSource before, int index, long maxRows, Deadline deadline) {
        Step step = steps.get(index).step;
        return visitor -> {
            Counts count = new Counts();
            long[] last = {0, 0}; // the number of the last row, and how many rows are left
            before.forEach(row -> {
                last[0] = row.number();
                Row changed = apply(step, row, count);
                if (changed != null) {
                    last[1]++;
                    visitor.visit(changed);
                }
            });
            step.addMore(last[0], row -> {
                deadline.check();
                count.added++;
                if (maxRows > 0 && last[1] + count.added > maxRows || row.number() >= Integer.MAX_VALUE) {
                    throw Problem.limit(
                            "steps",
                            "too_many_rows",
                            "The rows of the appended datasets are more than the server accepts",
                            "anneal.limits.max-rows",
                            maxRows > 0 ? maxRows : Integer.MAX_VALUE);
                }
                visitor.visit(row);
            });
            counts.set(index, count);
        };
    }

    private static @Nullable Row apply(Step step, Row row, Counts count) {
        String split = row.split();
        ObjectNode content = step.edits() ? row.content().deepCopy() : row.content();
        Row changed = step.apply(row);
        if (changed == null) {
            count.removed++;
        } else if (step.edits() && !changed.content().equals(content) || !Objects.equals(changed.split(), split)) {
            count.changed++;
        }
        return changed;
    }

    /** Returns what each step did when the rows were last read. */
    public List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Counts count = counts.get(i);
            Asked asked = steps.get(i);
            changes.add(new Change(asked.json, count.removed, count.changed, count.added, asked.step.isStopped()));
        }
        return changes;
    }
}
