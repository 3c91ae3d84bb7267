package dev.anneal.dataset.parquet;

import java.util.List;

/**
 * A field of the rows of a Parquet file that is written. Any value may be missing.
 *
 * @param fields the fields of a struct, or the item of a list
 */
public record ParquetField(String name, Type type, List<ParquetField> fields) {
    /** The types of values. */
    public enum Type {
        TEXT,
        INTEGER,
        REAL,
        LIST,
        STRUCT
    }

    public static ParquetField text(String name) {
        return new ParquetField(name, Type.TEXT, List.of());
    }

    public static ParquetField integer(String name) {
        return new ParquetField(name, Type.INTEGER, List.of());
    }

    public static ParquetField real(String name) {
        return new ParquetField(name, Type.REAL, List.of());
    }

    public static ParquetField struct(String name, List<ParquetField> fields) {
        return new ParquetField(name, Type.STRUCT, fields);
    }

    /** Returns a list, whose item must be called {@code element}. */
    public static ParquetField list(String name, ParquetField item) {
        return new ParquetField(name, Type.LIST, List.of(item));
    }

    boolean isLeaf() {
        return fields.isEmpty();
    }
}
