package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.ReadAhead;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns that the first rows of a file do not have. Where rows name their columns, the roles are those of the first rows, so that a
 * later column is not read. That matters if it would have had a role.
 */
final class LateColumns {
    private final ColumnRoles.Resolved roles;
    private final FileFormat format;
    private final ReadAhead rows;
    private final UploadRequest request;
    private final Set<String> known;

    LateColumns(ColumnRoles.Resolved roles, FileFormat format, ReadAhead rows, UploadRequest request) {
        this.roles = roles;
        this.format = format;
        this.rows = rows;
        this.request = request;
        this.known = Set.copyOf(rows.columns());
    }

    /** Returns the name of a column of the row that would have had a role, or null if there is none. */
    @Nullable
    String find(RawRow row) {
        if (known.containsAll(row.values().keySet())) {
            return null;
        }
        return row.values().keySet().stream()
                .filter(name -> !known.contains(name))
                .filter(name -> ColumnRoles.isMissed(name, roles, format, known, request, rows.first()))
                .sorted()
                .findFirst()
                .orElse(null);
    }
}
