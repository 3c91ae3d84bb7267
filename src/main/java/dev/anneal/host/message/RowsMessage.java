package dev.anneal.host.message;

import dev.anneal.spec.JobSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows to make examples of, as a trainer of this job would. The result is a {@link Checked}. */
public record RowsMessage(JobSpec spec, List<JsonNode> rows) {
    /**
     * Why the trainer would refuse a row, which counts from 0; the row is null if it would refuse all of them. The reason is null
     * if it would refuse none.
     */
    public record Checked(@Nullable Integer row, @Nullable String reason) {}
}
