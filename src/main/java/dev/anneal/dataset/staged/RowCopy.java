package dev.anneal.dataset.staged;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Writes rows into their table by COPY, in its binary format: nothing is escaped, and Postgres parses only the JSON. */
public final class RowCopy implements StagedRows.Visitor {
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FLUSH = 1 << 16;
    private static final int JSONB_VERSION = 1;

    private final CopyIn copy;
    private final byte[] id;
    private final List<byte[]> splits = StagedRows.SPLITS.stream()
            .map(split -> split.getBytes(StandardCharsets.UTF_8))
            .toList();
    private final Bytes rows = new Bytes();

    private RowCopy(CopyIn copy, String datasetId) {
        this.copy = copy;
        this.id = datasetId.getBytes(StandardCharsets.UTF_8);
        rows.append(SIGNATURE, 0, SIGNATURE.length);
        rows.integer(0); // flags
        rows.integer(0); // the length of an extension
    }

    /** Stores the rows of a dataset in the transaction of the connection. */
    public static void store(StagedRows staged, String datasetId, Connection connection)
            throws IOException, SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn(
                        "copy dataset_rows (dataset_id, number, split, line, file, content) from stdin (format binary)");
        try {
            RowCopy rows = new RowCopy(copy, datasetId);
            staged.forEach(rows);
            rows.finish();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    @Override
    public void visit(int number, String split, StagedRows.Origin origin, byte[] bytes, int from, int length)
            throws IOException {
        rows.octet(0);
        rows.octet(6); // the number of columns
        field(id);
        bigint(number);
        field(splits.get(StagedRows.SPLITS.indexOf(split)));
        bigint(origin.line());
        if (origin.file() == null) {
            rows.integer(-1); // null
        } else {
            field(origin.file().getBytes(StandardCharsets.UTF_8));
        }
        rows.integer(1 + length);
        rows.octet(JSONB_VERSION);
        rows.append(bytes, from, length);
        if (rows.size() > FLUSH) {
            flush();
        }
    }

    private void bigint(int number) {
        rows.integer(Long.BYTES);
        rows.integer(0);
        rows.integer(number);
    }

    private void field(byte[] text) {
        rows.integer(text.length);
        rows.append(text, 0, text.length);
    }

    private void flush() throws IOException {
        try {
            copy.writeToCopy(rows.bytes(), 0, rows.size());
        } catch (SQLException e) {
            throw new IOException(e);
        }
        rows.clear();
    }

    private void finish() throws IOException, SQLException {
        rows.octet(0xFF); // the end
        rows.octet(0xFF);
        flush();
        copy.endCopy();
    }
}
