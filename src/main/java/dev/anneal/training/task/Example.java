package dev.anneal.training.task;

import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The content of one row: a text and its target, or several of them if they are compared with each other; and what was left out
 * of them because they were too long.
 */
public record Example(List<Sequence> sequences, Cut cut, Window window) {
    static final int IGNORED = -100;

    /** The tokens that were left out, and how many of them the model would have learned. */
    public record Cut(int tokens, int targets) {
        public static final Cut NONE = new Cut(0, 0);
    }

    /**
     * The place of an example in its row, which has several if its text is too long: its number from 0. For tagged words also the
     * first token of each word whose place is in this window, -1 if there is none, and the number of its tag.
     */
    public record Window(int number, int[] firstTokens, int[] tags) {
        static final Window ONLY = of(0);

        static Window of(int number) {
            return new Window(number, new int[0], new int[0]);
        }
    }

    /**
     * A text as tokens and its target: the number of its label, a 1 or 0 for each label, a number, or for each token the
     * number of its label or of the token that belongs there ({@link #IGNORED}: nothing).
     */
    public record Sequence(Encoded text, float[] target) {}

    public Example(List<Sequence> sequences) {
        this(sequences, Cut.NONE, Window.ONLY);
    }

    public Example(Encoded text, float[] target) {
        this(text, target, Cut.NONE);
    }

    public Example(Encoded text, float[] target, Cut cut) {
        this(text, target, cut, Window.ONLY);
    }

    Example(Encoded text, float[] target, Cut cut, Window window) {
        this(List.of(new Sequence(text, target)), cut, window);
    }

    /** Returns the text of an example that has one. */
    public Encoded text() {
        return only().text();
    }

    /** Returns the target of an example that has one. */
    public float[] target() {
        return only().target();
    }

    private Sequence only() {
        if (sequences.size() != 1) {
            throw new IllegalStateException("an example of " + sequences.size() + " texts has no single one");
        }
        return sequences.get(0);
    }

    /** Returns the length of the longest text in tokens. */
    int length() {
        return sequences.stream()
                .mapToInt(sequence -> sequence.text().length())
                .max()
                .orElse(0);
    }

    /** Returns the example with each text replaced. */
    public Example withTexts(UnaryOperator<Encoded> replacement) {
        return new Example(
                sequences.stream()
                        .map(sequence -> new Sequence(replacement.apply(sequence.text()), sequence.target()))
                        .toList(),
                cut,
                window);
    }
}
