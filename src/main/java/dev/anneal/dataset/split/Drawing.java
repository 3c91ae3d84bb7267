package dev.anneal.dataset.split;

import java.io.Closeable;
import java.io.IOException;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** A method that divides rows into parts. It receives all rows first, in the order of their numbers. */
interface Drawing extends Closeable {
    /** Receives the part of a row. */
    interface Visitor {
        void visit(int number, int part) throws IOException;
    }

    void add(int number, ObjectNode content) throws IOException;

    /**
     * Divides the rows. The parts are those of {@link Shares}.
     *
     * @param without the rows that are left out
     */
    void draw(Shares shares, BitSet without, Visitor visitor) throws IOException;

    /** Divides the rows into parts of the same size. */
    default void fold(int folds, Visitor visitor) throws IOException {
        throw new IllegalStateException("this method has no folds");
    }

    @Override
    default void close() throws IOException {}
}
