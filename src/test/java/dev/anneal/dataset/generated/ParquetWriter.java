package dev.anneal.dataset.generated;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes columns of optional texts as Parquet: row groups of several pages, each compressed with zstd. */
final class ParquetWriter {
    private static final int GROUP = 20_000;
    private static final int PAGE = 1_000;
    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int STRUCT = 12;
    private static final int BYTE_ARRAY = 6;
    private static final int ZSTD = 6;

    private ParquetWriter() {}

    /**
     * Returns the file.
     *
     * @param rows the values of the columns in UTF-8, null if a row has none
     */
    static byte[] write(List<String> columns, List<byte[][]> rows) {
        Bytes file = new Bytes();
        file.text("PAR1");
        List<Thrift> groups = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += GROUP) {
            groups.add(group(file, columns, rows.subList(from, Math.min(rows.size(), from + GROUP))));
        }
        List<Thrift> schema = new ArrayList<>();
        schema.add(new Thrift().text(4, "schema").i32(5, columns.size()));
        for (String column : columns) {
            schema.add(new Thrift().i32(1, BYTE_ARRAY).i32(3, 1).text(4, column).i32(6, 0));
        }
        byte[] footer = new Thrift()
                .i32(1, 1)
                .structs(2, schema)
                .i64(3, rows.size())
                .structs(4, groups)
                .end();
        file.writeBytes(footer);
        file.little(footer.length);
        file.text("PAR1");
        return file.toByteArray();
    }

    private static Thrift group(Bytes file, List<String> columns, List<byte[][]> rows) {
        List<Thrift> chunks = new ArrayList<>();
        int start = file.size();
        for (int column = 0; column < columns.size(); column++) {
            int from = file.size();
            for (int i = 0; i < rows.size(); i += PAGE) {
                page(file, rows.subList(i, Math.min(rows.size(), i + PAGE)), column);
            }
            int size = file.size() - from;
            Thrift metadata = new Thrift()
                    .i32(1, BYTE_ARRAY)
                    .i32s(2, 0, 3)
                    .texts(3, columns.get(column))
                    .i32(4, ZSTD)
                    .i64(5, rows.size())
                    .i64(6, size)
                    .i64(7, size)
                    .i64(9, from);
            chunks.add(new Thrift().i64(2, from).struct(3, metadata));
        }
        return new Thrift().structs(1, chunks).i64(2, file.size() - start).i64(3, rows.size());
    }

    private static void page(Bytes file, List<byte[][]> rows, int column) {
        Bytes levels = new Bytes();
        Bytes values = new Bytes();
        for (int i = 0; i < rows.size(); ) {
            boolean isThere = rows.get(i)[column] != null;
            int run = i;
            while (i < rows.size() && (rows.get(i)[column] != null) == isThere) {
                if (isThere) {
                    values.little(rows.get(i)[column].length);
                    values.writeBytes(rows.get(i)[column]);
                }
                i++;
            }
            levels.varint((long) (i - run) << 1);
            levels.write(isThere ? 1 : 0);
        }
        Bytes page = new Bytes();
        page.little(levels.size());
        page.writeBytes(levels.toByteArray());
        page.writeBytes(values.toByteArray());
        byte[] packed = Zstd.compress(page.toByteArray(), 1);
        Thrift data = new Thrift().i32(1, rows.size()).i32(2, 0).i32(3, 3).i32(4, 3);
        file.writeBytes(new Thrift()
                .i32(1, 0)
                .i32(2, page.size())
                .i32(3, packed.length)
                .struct(5, data)
                .end());
        file.writeBytes(packed);
    }

    private static final class Bytes extends ByteArrayOutputStream {
        void little(int number) {
            for (int shift = 0; shift < 32; shift += 8) {
                write(number >>> shift);
            }
        }

        void varint(long number) {
            long rest = number;
            while (rest >= 0x80) {
                write((int) rest & 0x7F | 0x80);
                rest >>>= 7;
            }
            write((int) rest);
        }

        void text(String text) {
            writeBytes(text.getBytes(UTF_8));
        }
    }

    /** A struct of Thrift's compact protocol, whose fields are added in the order of their ids. */
    private static final class Thrift {
        private final Bytes bytes = new Bytes();
        private int last;

        private void field(int id, int type) {
            bytes.write(id - last << 4 | type);
            last = id;
        }

        private void list(int id, int size, int type) {
            field(id, LIST);
            bytes.write(size < 15 ? size << 4 | type : 0xF0 | type);
            if (size >= 15) {
                bytes.varint(size);
            }
        }

        Thrift i32(int id, int value) {
            field(id, I32);
            bytes.varint((long) value << 1);
            return this;
        }

        Thrift i64(int id, long value) {
            field(id, I64);
            bytes.varint(value << 1);
            return this;
        }

        Thrift i32s(int id, int... values) {
            list(id, values.length, I32);
            for (int value : values) {
                bytes.varint((long) value << 1);
            }
            return this;
        }

        Thrift text(int id, String text) {
            field(id, BINARY);
            bytes.varint(text.getBytes(UTF_8).length);
            bytes.text(text);
            return this;
        }

        Thrift texts(int id, String text) {
            list(id, 1, BINARY);
            bytes.varint(text.getBytes(UTF_8).length);
            bytes.text(text);
            return this;
        }

        Thrift struct(int id, Thrift value) {
            field(id, STRUCT);
            bytes.writeBytes(value.end());
            return this;
        }

        Thrift structs(int id, List<Thrift> values) {
            list(id, values.size(), STRUCT);
            values.forEach(value -> bytes.writeBytes(value.end()));
            return this;
        }

        byte[] end() {
            Bytes all = new Bytes();
            all.writeBytes(bytes.toByteArray());
            all.write(0);
            return all.toByteArray();
        }
    }
}
