package dev.anneal.training;

import dev.anneal.evaluation.Predictions;
import dev.anneal.transformer.TextClassifier;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Has a classifier predict all rows of a file, those of about the same length together. */
record Evaluator(TextClassifier classifier) {
    private static final int MAX_TEXTS = 64;
    private static final int MAX_TOKENS = 4096;

    Predictions predict(Examples examples) {
        int[] lengths = examples.lengths();
        int[] order =
                LengthBuckets.sortedByLength(IntStream.range(0, lengths.length).toArray(), lengths);
        float[][] scores = new float[order.length][];
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length && to - from < MAX_TEXTS && (to - from + 1) * lengths[order[to]] <= MAX_TOKENS) {
                to++;
            }
            int[] batch = Arrays.copyOfRange(order, from, to);
            float[][] rows = classifier.scores(examples.texts(batch));
            for (int i = 0; i < batch.length; i++) {
                scores[batch[i]] = rows[i];
            }
            from = to;
        }
        return new Predictions(classifier.labels(), examples.labels(), scores);
    }
}
