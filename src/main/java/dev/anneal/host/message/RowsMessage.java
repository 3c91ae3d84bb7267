package dev.anneal.host.message;

import dev.anneal.spec.JobSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows to make examples of, as a trainer of this job would. The result is a {@link Checked} or {@link Measured}. */
public record RowsMessage(JobSpec spec, List<JsonNode> rows) {
    /**
     * Why the trainer would refuse a row, which counts from 0; the row is null if it would refuse all of them. The reason is null
     * if it would refuse none.
     */
    public record Checked(@Nullable Integer row, @Nullable String reason) {}

    /**
     * The lengths of rows, whatever the greatest length of the job is.
     *
     * @param tokens the number of tokens of each row, of all examples that it becomes; -1 if the trainer would refuse it
     * @param unknown how many of all tokens stand for characters that the vocabulary lacks
     * @param reason why the trainer would refuse the first row that it would refuse
     */
    public record Measured(
            List<Integer> tokens, long unknown, @Nullable String reason) {}
}
