package dev.anneal.dataset.statistics;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Tells how many tokens rows have for a job, as a model host finds it. A package above this one implements it. */
public interface RowTokenizer {
    /** A job with a dataset and a base model. What is null is as the job has it by default. */
    record Request(
            String dataset,
            String baseModel,
            @Nullable String task,
            @Nullable Integer maxLength) {}

    /**
     * The tokens of rows.
     *
     * @param lengths the number of each row; -1 if the job would refuse the row
     * @param unknown how many of all stand for characters that the vocabulary lacks
     * @param reason why the job would refuse the first row that it would refuse
     */
    record Counted(
            List<Integer> lengths, long unknown, @Nullable String reason) {}

    /** A job that was checked. */
    interface Job {
        /** Returns the id of the base model. */
        String model();

        /** Returns the name of the base model. */
        String baseModel();

        String task();

        /** Returns the options of the task as text: the same for jobs that make the same tokens of a row. */
        String options();

        /** Returns the most tokens that the base model takes. */
        int modelMaxLength();

        /** Returns whether tokens of a row that is too long are lost. */
        boolean isTruncating();

        /** Counts the tokens of rows, for the caller of {@link #job}. */
        CompletableFuture<Counted> count(List<JsonNode> rows, long characters);
    }

    /** Returns the job of a request. Throws a problem if there can be none. */
    Job job(Request request);
}
