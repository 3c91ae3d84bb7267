package dev.anneal.evaluation.count;

/** The number of examples of each label (row) for which each label (column) was predicted. */
public record ConfusionMatrix(int[][] counts) {

    /** Returns the counts of each label, from which the metrics follow. */
    public LabelCounts labels() {
        LabelCounts labels = new LabelCounts(counts.length);
        for (int expected = 0; expected < counts.length; expected++) {
            for (int found = 0; found < counts.length; found++) {
                int count = counts[expected][found];
                labels.support()[expected] += count;
                labels.predicted()[found] += count;
                labels.right()[found] += expected == found ? count : 0;
            }
        }
        return labels;
    }
}
