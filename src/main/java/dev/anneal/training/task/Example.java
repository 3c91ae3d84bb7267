package dev.anneal.training.task;

import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.function.UnaryOperator;

/** The content of one row: a text and its target, or several of them if they are compared with each other. */
public record Example(List<Sequence> sequences) {
    static final int IGNORED = -100;

    /**
     * A text as tokens and its target: the number of its label, a 1 or 0 for each label, a number, or for each token the
     * number of its label or of the token that belongs there ({@link #IGNORED}: nothing).
     */
    public record Sequence(Encoded text, float[] target) {}

    public Example(Encoded text, float[] target) {
        this(List.of(new Sequence(text, target)));
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
        return new Example(sequences.stream()
                .map(sequence -> new Sequence(replacement.apply(sequence.text()), sequence.target()))
                .toList());
    }
}
