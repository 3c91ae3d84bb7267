package dev.anneal.dataset.parquet;

import dev.anneal.dataset.parquet.Thrift.Struct;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The values of a column in a row group, one at a time, with one page and the dictionary in memory. */
final class ColumnCursor {
    private static final int DATA = 0;
    private static final int DICTIONARY = 2;
    private static final int DATA_V2 = 3;
    private static final int MAX_HEADER = 1 << 20;
    private static final int MAX_VALUES = 100_000_000;

    private final Node leaf;
    private final int codec;
    private final InputStream in;
    private final PageMemory memory;
    private @Nullable Dictionary dictionary;
    private @Nullable Values values;
    private @Nullable Runs repetitions;
    private @Nullable Runs definitions;
    private long left; // values of the column that are not in a page that was read
    private int leftInPage;
    private int pageSize;
    private int repetition;
    private int definition;
    private boolean ended;

    /**
     * @param metadata of the column in the row group
     */
    ColumnCursor(Node leaf, Struct metadata, FileChannel file, PageMemory memory) throws IOException {
        this.leaf = leaf;
        this.memory = memory;
        this.codec = metadata.small(4, 0);
        this.left = metadata.whole(5, 0);
        long start = metadata.whole(9, -1);
        long dictionaryStart = metadata.whole(11, 0);
        start = dictionaryStart > 0 && dictionaryStart < start ? dictionaryStart : start;
        long size = metadata.whole(7, -1);
        if (metadata.small(1, -1) != leaf.type() || left < 0 || start < 0 || size < 0 || start > file.size() - size) {
            throw new ParquetException("its metadata names a part of the file that does not exist");
        }
        this.in = new BufferedInputStream(new Part(file, start, start + size), 1 << 13);
        advance();
    }

    /** Returns the repetition level of the current value: 0 if it begins a row, -1 after the last value. */
    int repetition() {
        return ended ? -1 : repetition;
    }

    /** Returns the definition level of the current value: how many of the optional nodes above it are there. */
    int definition() throws ParquetException {
        if (ended) {
            throw new ParquetException("a column has fewer values than there are rows");
        }
        return definition;
    }

    /** Returns the current value, and moves to the next. A value that is not there is null. */
    @Nullable
    JsonNode take() throws IOException {
        boolean isThere = definition() == leaf.definition();
        Values page = values;
        JsonNode value = isThere && page != null ? page.next() : null;
        memory.emitted(value);
        advance();
        return value;
    }

    private void advance() throws IOException {
        while (leftInPage == 0) {
            if (left == 0) {
                ended = true;
                memory.release(pageSize);
                pageSize = 0;
                return;
            }
            readPage();
        }
        leftInPage--;
        repetition = repetitions == null ? 0 : repetitions.next();
        definition = definitions == null ? 0 : definitions.next();
        if (repetition > leaf.repetition() || definition > leaf.definition()) {
            throw new ParquetException("a page has levels that its schema does not have");
        }
    }

    private void readPage() throws IOException {
        Struct header = new Thrift(in, MAX_HEADER).read();
        int type = header.small(1, -1);
        int size = header.small(2, -1);
        int packedSize = header.small(3, -1);
        if (size < 0 || packedSize < 0) {
            throw new ParquetException("a page has no size");
        }
        if (type != DATA && type != DATA_V2 && type != DICTIONARY) {
            in.skipNBytes(packedSize);
            return;
        }
        memory.release(type == DICTIONARY ? 0 : pageSize);
        memory.reserve((long) size + packedSize);
        memory.decompressed(size);
        byte[] packed = in.readNBytes(packedSize);
        if (packed.length < packedSize) {
            throw new ParquetException("a page is not complete");
        }
        switch (type) {
            case DICTIONARY -> {
                Struct page = header.struct(7);
                memory.reserve(4L * Math.max(0, page.small(1, -1))); // the places of the values
                dictionary = new Dictionary(leaf, Codec.decompress(codec, packed, 0, size), page.small(1, -1));
            }
            case DATA -> {
                startPage(header.struct(5).small(1, -1), size);
                data(header.struct(5), Codec.decompress(codec, packed, 0, size));
            }
            default -> {
                startPage(header.struct(8).small(1, -1), size);
                dataV2(header.struct(8), packed, size);
            }
        }
        memory.release(packedSize);
    }

    private void startPage(int count, int size) throws ParquetException {
        if (count < 0 || count > left || count > MAX_VALUES) {
            throw new ParquetException("a page has more values than its column");
        }
        leftInPage = count;
        left -= count;
        pageSize = size;
    }

    private void data(Struct page, byte[] bytes) throws ParquetException {
        int from = 0;
        repetitions = null;
        definitions = null;
        if (leaf.repetition() > 0) {
            requireRuns(page.small(4, -1));
            int end = end(bytes, from);
            repetitions = new Runs(bytes, from + 4, end, width(leaf.repetition()));
            from = end;
        }
        if (leaf.definition() > 0) {
            requireRuns(page.small(3, -1));
            int end = end(bytes, from);
            definitions = new Runs(bytes, from + 4, end, width(leaf.definition()));
            from = end;
        }
        values = leftInPage == 0 ? null : values(page.small(2, -1), bytes, from);
    }

    private void dataV2(Struct page, byte[] packed, int size) throws ParquetException {
        int definitionSize = page.small(5, 0);
        int repetitionSize = page.small(6, 0);
        if (definitionSize < 0 || repetitionSize < 0 || (long) definitionSize + repetitionSize > packed.length) {
            throw new ParquetException("a page has levels that are not complete");
        }
        int levels = definitionSize + repetitionSize;
        if (size < levels) {
            throw new ParquetException("a page is not complete");
        }
        repetitions = leaf.repetition() == 0 ? null : new Runs(packed, 0, repetitionSize, width(leaf.repetition()));
        definitions =
                leaf.definition() == 0 ? null : new Runs(packed, repetitionSize, levels, width(leaf.definition()));
        boolean isEmpty = packed.length == levels;
        byte[] bytes =
                isEmpty ? new byte[0] : Codec.decompress(page.flag(7, true) ? codec : 0, packed, levels, size - levels);
        values = isEmpty ? null : values(page.small(4, -1), bytes, 0);
    }

    /** Returns the values of a page. A page of nulls has none, and its encoding may need what is missing. */
    private @Nullable Values values(int encoding, byte[] bytes, int from) throws ParquetException {
        return from >= bytes.length ? null : Values.of(encoding, leaf, bytes, from, dictionary);
    }

    private static void requireRuns(int encoding) throws ParquetException {
        if (encoding != Values.RLE) {
            throw new ParquetException("it has levels of an encoding that is not supported");
        }
    }

    private static int end(byte[] bytes, int from) throws ParquetException {
        if (from + 4 > bytes.length) {
            throw new ParquetException("a page is not complete");
        }
        int size =
                ByteBuffer.wrap(bytes, from, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (size < 0 || size > bytes.length - from - 4) {
            throw new ParquetException("a page is not complete");
        }
        return from + 4 + size;
    }

    private static int width(int level) {
        return 32 - Integer.numberOfLeadingZeros(level);
    }

    /** A part of a file. */
    private static final class Part extends InputStream {
        private final FileChannel file;
        private final long end;
        private long position;

        Part(FileChannel file, long start, long end) {
            this.file = file;
            this.position = start;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (position >= end) {
                return -1;
            }
            int n = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(length, end - position)), position);
            position += Math.max(0, n);
            return n;
        }
    }
}
