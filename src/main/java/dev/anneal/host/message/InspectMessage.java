package dev.anneal.host.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.spec.JobSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A row to make examples of, as a trainer of this job would. The result is an {@link Inspected} with at most so many tokens. */
public record InspectMessage(JobSpec spec, JsonNode row, int mostTokens) {
    /**
     * The examples of a row.
     *
     * @param maxLength the greatest number of tokens of an example
     * @param rendered the text that the chat template makes of a conversation; null for other rows
     * @param labels the labels to predict for the whole row; null if the job learns none
     * @param score the score to predict for the whole row
     * @param examples one, or several if a long text is split
     * @param tokenCount the tokens of all examples, of which the first ones are here
     * @param cut the first tokens that are in no example
     * @param cutCount all tokens that are left out
     * @param learnedCutCount how many of these would be learned
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Inspected(
            int maxLength,
            @Nullable String rendered,
            @Nullable List<String> labels,
            @Nullable Double score,
            List<Seen> examples,
            long tokenCount,
            List<Token> cut,
            long cutCount,
            long learnedCutCount) {}

    /** An example: its tokens and how many of them are learned. */
    public record Seen(List<Token> tokens, long tokenCount, long learnedCount) {}

    /**
     * A token.
     *
     * @param text its entry in the vocabulary, the first 200 characters of a longer one
     * @param field the field of the row that it is part of, {@code rendered}, or null if it is part of none
     * @param word the number of its word from 0, for rows of words
     * @param start its first character, as a Unicode code point of the field or word
     * @param end the character after its last one
     * @param special whether it stands for no text
     * @param learned whether the model learns to predict it, or its tag
     * @param target the tag of the word, or the token that is masked here, cut like the text
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Token(
            int id,
            String text,
            @Nullable String field,
            @Nullable Integer word,
            @Nullable Integer start,
            @Nullable Integer end,
            boolean special,
            boolean learned,
            @Nullable String target) {}
}
