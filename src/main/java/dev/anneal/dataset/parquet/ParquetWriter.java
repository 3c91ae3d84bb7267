package dev.anneal.dataset.parquet;

import dev.anneal.dataset.parquet.ParquetField.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a Parquet file row by row, with one row group of a few megabytes in memory. */
public final class ParquetWriter {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.ISO_8859_1);
    /** A row group ends once it has so many bytes, of which those of complete pages are compressed. */
    private static final long GROUP_BYTES = 8 << 20;
    /** A reader may decompress a row group as a whole. */
    private static final long GROUP_UNPACKED = 64 << 20;

    private static final int GROUP_ROWS = 1 << 20;

    private final OutputStream out;
    private final List<ParquetField> fields;
    private final Map<String, String> metadata;
    private final List<ColumnWriter> columns = new ArrayList<>();
    private final ByteArrayOutputStream groups = new ByteArrayOutputStream();
    private int groupCount;
    private long offset;
    private long rowsInGroup;
    private long rows;

    /** Begins a file. The caller closes the stream. */
    public ParquetWriter(OutputStream out, List<ParquetField> fields, Map<String, String> metadata) throws IOException {
        this.out = out;
        this.fields = fields;
        this.metadata = metadata;
        fields.forEach(field -> addColumns(field, List.of(), 0, 0));
        out.write(MAGIC);
        offset = MAGIC.length;
    }

    private void addColumns(ParquetField field, List<String> above, int repetition, int definition) {
        List<String> path = new ArrayList<>(above);
        path.add(field.name());
        boolean isList = field.type() == Type.LIST;
        if (isList) {
            path.add("list");
        }
        if (field.isLeaf()) {
            columns.add(new ColumnWriter(field.type(), path, repetition, definition + 1));
        }
        for (ParquetField inner : field.fields()) {
            addColumns(inner, path, repetition + (isList ? 1 : 0), definition + (isList ? 2 : 1));
        }
    }

    public void write(ObjectNode row) throws IOException {
        Iterator<ColumnWriter> next = columns.iterator();
        for (ParquetField field : fields) {
            write(field, row.get(field.name()), 0, 0, 0, next);
        }
        rowsInGroup++;
        long size = 0;
        long unpacked = 0;
        for (ColumnWriter column : columns) {
            column.endRow();
            size += column.size();
            unpacked += column.unpacked();
        }
        if (size > GROUP_BYTES || unpacked > GROUP_UNPACKED || rowsInGroup == GROUP_ROWS) {
            endGroup();
        }
    }

    /**
     * Writes a value.
     *
     * @param repetition 0 for the first value of a row, or else the level of the list that it continues
     * @param definition how many of the nodes above are there
     * @param lists how many of the nodes above are lists
     * @param next the columns from the first one of the field on. Those of the field are taken
     */
    private static void write(
            ParquetField field,
            @Nullable JsonNode value,
            int repetition,
            int definition,
            int lists,
            Iterator<ColumnWriter> next) {
        if (value == null || value.isNull()) {
            skip(field, repetition, definition, next);
        } else if (field.isLeaf()) {
            next.next().add(repetition, value);
        } else if (field.type() == Type.STRUCT) {
            for (ParquetField inner : field.fields()) {
                write(inner, value.get(inner.name()), repetition, definition + 1, lists, next);
            }
        } else {
            writeList(field.fields().get(0), value, repetition, definition + 1, lists + 1, next);
        }
    }

    private static void writeList(
            ParquetField item, JsonNode list, int repetition, int definition, int lists, Iterator<ColumnWriter> next) {
        List<ColumnWriter> columns = new ArrayList<>();
        for (int i = leaves(item); i > 0; i--) {
            columns.add(next.next());
        }
        if (list.isEmpty()) {
            columns.forEach(column -> column.addMissing(repetition, definition));
        }
        for (int i = 0; i < list.size(); i++) {
            write(item, list.get(i), i == 0 ? repetition : lists, definition + 1, lists, columns.iterator());
        }
    }

    private static void skip(ParquetField field, int repetition, int definition, Iterator<ColumnWriter> next) {
        for (int i = leaves(field); i > 0; i--) {
            next.next().addMissing(repetition, definition);
        }
    }

    private static int leaves(ParquetField field) {
        return field.isLeaf()
                ? 1
                : field.fields().stream().mapToInt(ParquetWriter::leaves).sum();
    }

    private void endGroup() throws IOException {
        if (rowsInGroup == 0) {
            return;
        }
        ThriftWriter group = new ThriftWriter().begin().list(1, ThriftWriter.STRUCT, columns.size());
        long unpacked = 0;
        for (ColumnWriter column : columns) {
            Counted counted = new Counted();
            unpacked += column.end(offset, counted, group);
            offset += counted.count;
        }
        groups.writeBytes(group.whole(2, unpacked).whole(3, rowsInGroup).end().bytes());
        groupCount++;
        rows += rowsInGroup;
        rowsInGroup = 0;
    }

    /** Passes bytes on, and counts them. */
    private final class Counted extends OutputStream {
        private long count;

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }

    /** Writes what is left, and the footer. */
    public void finish() throws IOException {
        endGroup();
        ThriftWriter schema = new ThriftWriter();
        schema.begin().text(4, "schema").small(5, fields.size()).end();
        int elements = 1;
        for (ParquetField field : fields) {
            elements += describe(field, schema);
        }
        ThriftWriter footer = new ThriftWriter()
                .small(1, 2)
                .list(2, ThriftWriter.STRUCT, elements)
                .items(schema.bytes())
                .whole(3, rows)
                .list(4, ThriftWriter.STRUCT, groupCount)
                .items(groups.toByteArray())
                .list(5, ThriftWriter.STRUCT, metadata.size());
        metadata.forEach(
                (key, value) -> footer.begin().text(1, key).text(2, value).end());
        footer.text(6, "Anneal").end();
        out.write(footer.bytes());
        out.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(footer.size())
                .array());
        out.write(MAGIC);
    }

    /** Writes the nodes of a field, each before those below it. Returns how many there are. */
    private static int describe(ParquetField field, ThriftWriter schema) {
        schema.begin();
        int nodes = 1;
        switch (field.type()) {
            case TEXT ->
                schema.small(1, Node.BYTE_ARRAY)
                        .small(3, 1)
                        .text(4, field.name())
                        .small(6, 0)
                        .begin(10)
                        .begin(1)
                        .end()
                        .end()
                        .end();
            case INTEGER ->
                schema.small(1, Node.INT64).small(3, 1).text(4, field.name()).end();
            case REAL ->
                schema.small(1, Node.DOUBLE).small(3, 1).text(4, field.name()).end();
            case STRUCT ->
                schema.small(3, 1)
                        .text(4, field.name())
                        .small(5, field.fields().size())
                        .end();
            case LIST -> {
                schema.small(3, 1).text(4, field.name()).small(5, 1).small(6, 3);
                schema.begin(10).begin(3).end().end().end();
                schema.begin().small(3, 2).text(4, "list").small(5, 1).end();
                nodes++;
            }
        }
        for (ParquetField inner : field.fields()) {
            nodes += describe(inner, schema);
        }
        return nodes;
    }
}
