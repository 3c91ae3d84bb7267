package dev.anneal.dataset.parquet;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Limits the memory of the pages of all columns, the values of a row, and what the file as a whole unpacks to. */
final class PageMemory {
    private static final int MAX_VALUES = 500_000;

    private final long maxPages;
    private final long maxRow;
    private final LongConsumer unpacked;
    private long pages;
    private long total;
    private long totalPages;
    private long inRow;
    private int values;

    /**
     * @param maxPages bytes of the pages of all columns
     * @param maxRow characters of a row
     * @param unpacked receives the number of bytes that all values so far have, and throws if they are too many
     */
    PageMemory(long maxPages, long maxRow, LongConsumer unpacked) {
        this.maxPages = maxPages;
        this.maxRow = maxRow;
        this.unpacked = unpacked;
    }

    void reserve(long bytes) throws ParquetException {
        pages += bytes;
        if (pages > maxPages) {
            throw new ParquetException(
                    "its pages need more than %,d MB of memory; write it with smaller pages".formatted(maxPages >> 20));
        }
    }

    /** Counts a page that is decompressed. */
    void decompressed(long bytes) {
        totalPages += bytes;
        unpacked.accept(totalPages);
    }

    void release(long bytes) {
        pages -= bytes;
    }

    /** Forgets all pages, because the next row group begins. */
    void startGroup() {
        pages = 0;
    }

    void startRow() {
        inRow = 0;
        values = 0;
        unpacked.accept(++total);
    }

    void emitted(@Nullable JsonNode value) throws ParquetException {
        long size = value == null ? 0 : value.isString() ? value.stringValue().length() : 8;
        total += size;
        inRow += size;
        if (++values > MAX_VALUES || inRow > maxRow) {
            throw new ParquetException(
                    "a row has more than %,d values or %,d characters".formatted(MAX_VALUES, maxRow));
        }
        unpacked.accept(total);
    }
}
