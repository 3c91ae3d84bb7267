package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A change of a dataset's rows. */
interface Step {
    /** Reads the rows that the step will get, if it must know all of them. */
    default void prepare(RowSource before, Path directory) throws IOException {}

    /** Returns the row, which may be changed, another one in its place, or null if it is removed. */
    @Nullable
    Row apply(Row row);

    /** Adds rows after the last one. The new ones have greater numbers. */
    default void addMore(long last, RowSource.Visitor visitor) throws IOException {}
}
