package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    void add(Step step, JsonNode json) {
        steps.add(new Asked(step, json));
        counts.add(new Counts());
    }

    /** Returns the rows after all steps. */
    public RowSource apply(RowSource rows, Path directory) throws IOException {
        RowSource after = rows;
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).step.prepare(after, directory);
            after = after(after, i);
        }
        return after;
    }

    private RowSource after(RowSource before, int index) {
        Step step = steps.get(index).step;
        return visitor -> {
            Counts count = new Counts();
            long[] last = {0};
            before.forEach(row -> {
                last[0] = row.number();
                String split = String.valueOf(row.split());
                ObjectNode content = row.content().deepCopy();
                Row changed = step.apply(row);
                if (changed == null) {
                    count.removed++;
                    return;
                }
                if (!changed.content().equals(content)
                        || !String.valueOf(changed.split()).equals(split)) {
                    count.changed++;
                }
                visitor.visit(changed);
            });
            step.addMore(last[0], row -> {
                count.added++;
                visitor.visit(row);
            });
            counts.set(index, count);
        };
    }

    /** Returns what each step did when the rows were last read. */
    public List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Counts count = counts.get(i);
            changes.add(new Change(steps.get(i).json, count.removed, count.changed, count.added));
        }
        return changes;
    }
}
