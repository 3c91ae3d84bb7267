package dev.anneal.dataset.parquet;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The values of a column in a row group: those of the current page, and the pages before, which are compressed. */
final class ColumnWriter {
    private static final int ZSTD = 6;
    private static final int ZSTD_LEVEL = 3;
    /** A page ends once it has so many bytes. */
    private static final int PAGE_BYTES = 1 << 18;

    /** A list of small numbers, as runs of the same number. */
    private static final class Levels {
        private final ByteArrayOutputStream runs = new ByteArrayOutputStream();
        private int level;
        private int count;

        void add(int next) {
            if (next != level) {
                endRun();
                level = next;
            }
            count++;
        }

        private void endRun() {
            long left = (long) count << 1;
            if (left == 0) {
                return;
            }
            while (left >= 0x80) {
                runs.write((int) (left & 0x7F | 0x80));
                left >>>= 7;
            }
            runs.write((int) left);
            runs.write(level);
            count = 0;
        }

        int size() {
            return runs.size();
        }

        /** Writes the levels with their size before them, and removes them. */
        void moveTo(ByteArrayOutputStream page) {
            endRun();
            page.writeBytes(little(Integer.BYTES).putInt(runs.size()).array());
            page.writeBytes(runs.toByteArray());
            runs.reset();
            level = 0;
        }
    }

    private final ParquetField.Type type;
    private final List<String> path;
    private final int maxRepetition;
    private final int maxDefinition;
    private final Levels repetitions = new Levels();
    private final Levels definitions = new Levels();
    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private final ByteArrayOutputStream pages = new ByteArrayOutputStream();
    private int inPage;
    private long count;
    private long unpacked;

    ColumnWriter(ParquetField.Type type, List<String> path, int maxRepetition, int maxDefinition) {
        this.type = type;
        this.path = path;
        this.maxRepetition = maxRepetition;
        this.maxDefinition = maxDefinition;
    }

    /** Adds a value that is there. */
    void add(int repetition, JsonNode value) {
        level(repetition, maxDefinition);
        switch (type) {
            case TEXT -> {
                byte[] text = value.asString("").getBytes(StandardCharsets.UTF_8);
                values.writeBytes(little(Integer.BYTES).putInt(text.length).array());
                values.writeBytes(text);
            }
            case REAL ->
                values.writeBytes(
                        little(Double.BYTES).putDouble(value.asDouble(0)).array());
            default ->
                values.writeBytes(little(Long.BYTES).putLong(value.asLong(0)).array());
        }
    }

    /**
     * Adds a value that is not there.
     *
     * @param definition how many of the nodes above it are
     */
    void addMissing(int repetition, int definition) {
        level(repetition, definition);
    }

    private void level(int repetition, int definition) {
        if (maxRepetition > 0) {
            repetitions.add(repetition);
        }
        definitions.add(definition);
        inPage++;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Ends the page if it is large. Called between two rows, so that no row is in two pages. */
    void endRow() {
        if (values.size() + repetitions.size() + definitions.size() > PAGE_BYTES) {
            endPage();
        }
    }

    private void endPage() {
        if (inPage == 0) {
            return;
        }
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        if (maxRepetition > 0) {
            repetitions.moveTo(page);
        }
        definitions.moveTo(page);
        page.writeBytes(values.toByteArray());
        byte[] packed = Zstd.compress(page.toByteArray(), ZSTD_LEVEL);
        ThriftWriter header =
                new ThriftWriter().small(1, 0).small(2, page.size()).small(3, packed.length);
        header.begin(5)
                .small(1, inPage)
                .small(2, Values.PLAIN)
                .small(3, Values.RLE)
                .small(4, Values.RLE)
                .end();
        header.end();
        pages.writeBytes(header.bytes());
        pages.writeBytes(packed);
        unpacked += header.size() + page.size();
        count += inPage;
        inPage = 0;
        values.reset();
    }

    /** Returns about how many bytes are in memory. */
    long size() {
        return values.size() + repetitions.size() + definitions.size() + pages.size();
    }

    /** Returns about how many bytes there are without compression. */
    long unpacked() {
        return unpacked + values.size() + repetitions.size() + definitions.size();
    }

    /** Writes all pages, and describes them. Returns how many bytes they have when they are decompressed. */
    long end(long offset, OutputStream out, ThriftWriter group) throws IOException {
        endPage();
        pages.writeTo(out);
        int physical = switch (type) {
            case TEXT -> Node.BYTE_ARRAY;
            case REAL -> Node.DOUBLE;
            default -> Node.INT64;
        };
        group.begin().whole(2, offset).begin(3).small(1, physical);
        group.list(2, ThriftWriter.INT32, 2).item(Values.PLAIN).item(Values.RLE);
        group.list(3, ThriftWriter.BINARY, path.size());
        path.forEach(group::item);
        group.small(4, ZSTD)
                .whole(5, count)
                .whole(6, unpacked)
                .whole(7, pages.size())
                .whole(9, offset);
        group.end().end();
        long all = unpacked;
        pages.reset();
        count = 0;
        unpacked = 0;
        return all;
    }
}
