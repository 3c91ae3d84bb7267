package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;

/** Rows in the order of their numbers. They can be read any number of times, and are new objects each time. */
public interface RowSource {
    /** Receives the rows. */
    interface Visitor {
        void visit(Row row) throws IOException;
    }

    void forEach(Visitor visitor) throws IOException;
}
