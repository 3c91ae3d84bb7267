package dev.anneal.transformer.generate;

import java.util.List;

/**
 * Receives a text while it is generated, in the thread that computes all texts of the model, so it must return quickly.
 * An exception of {@link #text} ends the generation. After {@link #ended} or {@link #failed} nothing more is called.
 */
public interface GenerationListener {
    /** Returns who owns the text. The texts of different owners of a group begin in turn. */
    default String owner() {
        return "";
    }

    /** Returns the group of the owner. Groups have turns, too, so that one with many owners has no more than others. */
    default String group() {
        return owner();
    }

    /**
     * Receives the next piece of the text, in whole characters.
     *
     * @param scores those of the tokens since the last piece, if they were requested; a piece may be empty if it has scores
     */
    void text(String piece, List<TokenScore> scores);

    void ended(Generation generation);

    void failed(RuntimeException cause);
}
