package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.Examples;
import dev.anneal.transformer.Model;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The tokens that occur in the rows for training, numbered anew. The embeddings of all others never have a gradient: AdamW
 * does nothing to them but decay, which can be done at the end of an epoch. So only the embeddings of these are trained, as a
 * matrix of their own; with 8,000 of 30,000 tokens that saves the larger part of the time that an update takes.
 */
public final class SparseEmbeddings implements AutoCloseable {
    private final int[] tokens;
    private final NDArray rows;
    private final NDArray embeddings;

    private SparseEmbeddings(int[] tokens, NDArray rows, NDArray embeddings) {
        this.tokens = tokens;
        this.rows = rows;
        this.embeddings = embeddings;
    }

    /** Null where all embeddings may have gradients: where they are the output layer, too, or are not trained. */
    public static SparseEmbeddings of(JobSpec spec, Model model, Examples train, NDManager arrays) {
        String name = model.architecture().tokenEmbeddings();
        if (spec.task().isLanguageModel()
                || !TrainedWeights.isTrained(spec.method(), model.architecture(), model.head(), name)) {
            return null;
        }
        int[] tokens = train.all().stream()
                .flatMapToInt(example -> Arrays.stream(example.text().ids()))
                .distinct()
                .sorted()
                .toArray();
        NDArray rows = arrays.create(IntStream.of(tokens).asLongStream().toArray());
        return new SparseEmbeddings(tokens, rows, model.weights().get(name).get(rows));
    }

    /** The same examples with the new numbers. */
    public Examples renumbered(Examples examples) {
        return new Examples(examples.all().stream()
                .map(example -> new Example(
                        example.text()
                                .withIds(Arrays.stream(example.text().ids())
                                        .map(id -> Arrays.binarySearch(tokens, id))
                                        .toArray()),
                        example.target()))
                .toList());
    }

    /** The numbers in the vocabulary, int64, [tokens]. */
    NDArray rows() {
        return rows;
    }

    /** [tokens, size] */
    NDArray embeddings() {
        return embeddings;
    }

    @Override
    public void close() {
        rows.close();
        embeddings.close();
    }
}
