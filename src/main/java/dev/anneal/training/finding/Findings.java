package dev.anneal.training.finding;

import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.slice.Slices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a report that is not metrics: baselines, rows to look at, and groups of rows for which the model is worse.
 *
 * @param leftOut sentences that say which figures are missing, and why
 * @param counterfactuals null if no text contains a term
 */
public record Findings(
        List<Baseline> baselines,
        List<LikelyMislabelled> likelyMislabelled,
        List<HardRow> hardestRows,
        List<Slices> slices,
        @Nullable Counterfactuals counterfactuals,
        List<GroupScores> groupScores,
        List<String> leftOut) {
    /** Returns no findings, with the sentences that say why. */
    static Findings none(List<String> leftOut) {
        return new Findings(List.of(), List.of(), List.of(), List.of(), null, List.of(), leftOut);
    }

    /** The place of a row in its dataset; {@code line} and {@code file} are null if they are not known. */
    public record Place(
            long row, @Nullable Long line, @Nullable String file) {}

    /**
     * Rows of a split whose label is probably wrong, the most probable ones first.
     *
     * @param dataset the id of the dataset of the rows, null if it is not known
     * @param scores whose scores say so: {@code model}, {@code folds}, the models of folds without the rows, or {@code tf_idf}, fitted
     *     without them
     * @param examined the number of rows that were looked at
     * @param confident how many rows count for another label than theirs
     */
    public record LikelyMislabelled(
            @Nullable String dataset, String split, String scores, int examined, int confident, List<Suspect> rows) {}

    /**
     * A row whose label is probably wrong. Labels have the names of the dataset.
     *
     * @param suggestedLabel null if the dataset has no name that means only it
     * @param margin the probability of its label minus that of the suggested one
     * @param probability that of its label
     * @param confident whether the row counts for another label
     */
    public record Suspect(
            long row,
            @Nullable Long line,
            @Nullable String file,
            String label,
            @Nullable String suggestedLabel,
            double margin,
            double probability,
            boolean confident) {}

    /** A row with a high loss. */
    public record HardRow(
            long row, @Nullable Long line, @Nullable String file, double loss, String text) {}

    /**
     * The areas under ROC curves of the scores of a label, for the rows that mention a group.
     *
     * @param dimension a dimension of the term lists, or the column
     * @param allAuc the area under the ROC curve of all rows
     */
    public record GroupScores(
            String dimension,
            String group,
            String label,
            int examples,
            int positive,
            @Nullable Double allAuc,
            @Nullable Double subgroupAuc,
            @Nullable Double bpsnAuc,
            @Nullable Double bnspAuc) {}
}
