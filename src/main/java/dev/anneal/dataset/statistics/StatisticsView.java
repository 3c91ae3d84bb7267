package dev.anneal.dataset.statistics;

import dev.anneal.dataset.Dataset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statistics of a dataset on the wire. {@code tokens} is null unless a base model is named. */
record StatisticsView(
        Dataset.Splits rows,
        List<LabelSplits> labels,
        Lengths textLength,
        @Nullable Score score,
        long repeatedTexts,
        Repetitions repetitions,
        @Nullable Vocabulary vocabulary,
        Terms labelTerms,
        @Nullable Tokens tokens) {
    record LabelSplits(String name, long train, long validation, long test) {}

    record Score(double min, double mean, double max) {}

    /** The numbers of rows that repeat others, as the check of the upload found them. */
    record Repetitions(long duplicate, long conflictingLabel, long nearDuplicate, long leakage, long nearLeakage) {}

    /** The words of rows for evaluation, and how many of them are in no row for training. */
    record Vocabulary(long trainRows, long evaluationRows, long words, long unseenWords, double unseenShare) {}

    /** The terms that tell most about each label, of so many training rows. */
    record Terms(long rows, List<LabelTerms.Label> labels) {}

    /**
     * Tokens of a sample of the rows.
     *
     * @param rows the rows of the sample that a job would accept
     * @param longTexts {@code truncate} if tokens beyond {@code maxLength} are lost, {@code split} if they become other examples
     * @param suggestedMaxLength the least multiple of 8 beyond which less than 1 % of the tokens are; null if the model takes too few
     */
    record Tokens(
            String baseModel,
            String task,
            long rows,
            boolean isSample,
            Lengths lengths,
            int maxLength,
            int modelMaxLength,
            String longTexts,
            long rowsBeyond,
            double rowShareBeyond,
            long tokensBeyond,
            double tokenShareBeyond,
            @Nullable Integer suggestedMaxLength,
            double tokensPerWord,
            long unknownTokens,
            double unknownShare,
            long refusedRows,
            @Nullable String refusedReason) {}

    StatisticsView with(Tokens counted) {
        return new StatisticsView(
                rows, labels, textLength, score, repeatedTexts, repetitions, vocabulary, labelTerms, counted);
    }
}
