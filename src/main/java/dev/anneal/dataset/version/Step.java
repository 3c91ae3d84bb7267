package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A change of a dataset's rows. */
interface Step {
    /** A step that changes the content of rows. */
    interface Edit extends Step {
        @Override
        default boolean edits() {
            return true;
        }
    }

    /** Returns whether the step changes the content of a row. Otherwise it only keeps, moves, removes or adds rows. */
    default boolean edits() {
        return false;
    }

    /** Returns whether the step must know all rows, so that they are read once more for it. */
    default boolean isCostly() {
        return false;
    }

    /** Returns whether {@link #prepare} stopped before it had compared all rows. */
    default boolean isStopped() {
        return false;
    }

    /** Reads the rows that the step will get, if it must know all of them. */
    default void prepare(RowSource before, Path directory, Deadline deadline) throws IOException {}

    /** Returns the row, which may be changed, another one in its place, or null if it is removed. */
    @Nullable
    Row apply(Row row);

    /** Adds rows after the last one. The new ones have greater numbers. */
    default void addMore(long last, RowSource.Visitor visitor) throws IOException {}
}
