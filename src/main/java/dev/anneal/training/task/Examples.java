package dev.anneal.training.task;

import dev.anneal.evaluation.Truncation;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The examples of a file in its order. Only the length of each in tokens is kept; an example is made when it is used. */
public final class Examples {
    static final Examples NONE = new Examples(List.of());

    private final IntFunction<Example> source;
    private final int[] lengths;
    private final ExampleTotals totals;

    Examples(IntFunction<Example> source, int[] lengths, ExampleTotals totals) {
        this.source = source;
        this.lengths = lengths;
        this.totals = totals;
    }

    /** Makes examples of a list, all of which have something to learn. */
    public Examples(List<Example> all) {
        this(
                all::get,
                all.stream().mapToInt(Example::length).toArray(),
                all.stream()
                        .map(example -> ExampleTotals.of(example, true))
                        .reduce(ExampleTotals.NONE, ExampleTotals::plus));
    }

    public int size() {
        return lengths.length;
    }

    /** Returns the length of each example in tokens. */
    public int[] lengths() {
        return lengths;
    }

    /** Returns an example, counted from 0. */
    public Example get(int number) {
        return source.apply(number);
    }

    public List<Example> get(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(source).toList();
    }

    /** Returns all examples, one after the other. */
    public Stream<Example> stream() {
        return IntStream.range(0, size()).mapToObj(source);
    }

    /** Returns the number of examples that were cut because they are too long. */
    public int truncated() {
        return totals.truncated();
    }

    /** Returns the number of tokens that were left out of the examples. */
    public long tokensLeftOut() {
        return totals.tokensLeftOut();
    }

    /** Returns the number of tokens that the longest example had before it was cut. */
    public int longestUncut() {
        return totals.longestUncut();
    }

    /** Returns how many of the tokens that were left out would have been learned. */
    public long targetsLeftOut() {
        return totals.targetsLeftOut();
    }

    /** Returns the most texts that an example has. */
    int textsEach() {
        return totals.texts();
    }

    Truncation truncation() {
        return new Truncation(truncated(), tokensLeftOut());
    }

    /** Returns whether an example is the first one of its row. */
    boolean isFirstOfRow(int number) {
        return totals.windows() == 0 || get(number).window().number() == 0;
    }

    /** Returns the row of each example, counted from 0. */
    public int[] rows() {
        int[] rows = new int[size()];
        int row = -1;
        for (int i = 0; i < rows.length; i++) {
            row += isFirstOfRow(i) ? 1 : 0;
            rows[i] = row;
        }
        return rows;
    }

    /** Returns the first example of each row. */
    Stream<Example> firstOfRows() {
        return stream().filter(example -> example.window().number() == 0);
    }

    /** Returns the scores of each row, the mean of those of its examples. */
    Scores byRow(Scores each) {
        if (totals.windows() == 0) {
            return each;
        }
        int[] starts = IntStream.range(0, size()).filter(this::isFirstOfRow).toArray();
        return new RowScores(each, starts);
    }

    /** Returns the examples that have something to learn. */
    public Examples learnable(TrainingTask task) {
        return totals.unlearnable() == 0
                ? this
                : only(IntStream.range(0, size())
                        .filter(i -> task.count(get(i)) > 0)
                        .toArray());
    }

    /** Returns these examples, followed by others. */
    public Examples and(Examples others) {
        if (others.size() == 0) {
            return this;
        }
        int own = size();
        int[] all = Arrays.copyOf(lengths, own + others.size());
        System.arraycopy(others.lengths, 0, all, own, others.size());
        return new Examples(i -> i < own ? get(i) : others.get(i - own), all, totals.plus(others.totals));
    }

    /** Returns the examples from one up to before another. */
    Examples part(int from, int to) {
        return new Examples(i -> get(from + i), Arrays.copyOfRange(lengths, from, to), totals);
    }

    /** Returns some of the examples, in this order. */
    public Examples only(int[] numbers) {
        return new Examples(
                i -> get(numbers[i]),
                Arrays.stream(numbers).map(i -> lengths[i]).toArray(),
                Arrays.stream(numbers)
                        .mapToObj(i -> ExampleTotals.of(get(i), true))
                        .reduce(ExampleTotals.NONE, ExampleTotals::plus));
    }

    /** Returns pairs of the examples with these numbers, which have one text each. */
    public Examples pairs(int[] first, int[] second) {
        return new Examples(
                i -> new Example(List.of(only(first[i]), only(second[i]))),
                IntStream.range(0, first.length)
                        .map(i -> Math.max(lengths[first[i]], lengths[second[i]]))
                        .toArray(),
                ExampleTotals.ofTexts(2));
    }

    private Example.Sequence only(int number) {
        Example example = get(number);
        return new Example.Sequence(example.text(), example.target());
    }

    /** Returns all texts of examples in their order. */
    public static List<Encoded> texts(List<Example> examples) {
        return examples.stream()
                .flatMap(example -> example.sequences().stream())
                .map(Example.Sequence::text)
                .toList();
    }

    /** Returns the examples with each text replaced by one of the same length. */
    public Examples withTexts(UnaryOperator<Encoded> replacement) {
        return new Examples(i -> get(i).withTexts(replacement), lengths, totals);
    }
}
