package dev.anneal.dataset.parquet;

/** Decodes whole numbers that are written as the differences between them, in packed blocks. */
final class Deltas {
    private final byte[] bytes;
    private final int miniblock; // numbers in each part of a block
    private final int[] widths;
    private final long count;
    private int position;
    private long produced;
    private long last;
    private long least;
    private int current; // the part of the block
    private int leftInPart;
    private long bit;

    Deltas(byte[] bytes, int from) throws ParquetException {
        this.bytes = bytes;
        this.position = from;
        long block = varint();
        long parts = varint();
        this.count = varint();
        long first = varint();
        this.last = first >>> 1 ^ -(first & 1);
        if (block <= 0 || block > 1 << 20 || parts <= 0 || parts > block || block % parts != 0) {
            throw damaged();
        }
        this.miniblock = (int) (block / parts);
        this.widths = new int[(int) parts];
        this.current = widths.length;
    }

    long count() {
        return count;
    }

    long next() throws ParquetException {
        if (produced >= count) {
            throw damaged();
        }
        if (produced++ == 0) {
            return last;
        }
        if (leftInPart == 0) {
            startPart();
        }
        leftInPart--;
        int width = widths[current];
        long delta = 0;
        if (bit + width > 8L * bytes.length) {
            throw damaged();
        }
        for (int i = 0; i < width; i++, bit++) {
            delta |= (long) (bytes[(int) (bit >>> 3)] >>> (bit & 7) & 1) << i;
        }
        last += least + delta;
        return last;
    }

    private void startPart() throws ParquetException {
        if (current < widths.length) {
            position += miniblock / 8 * widths[current] + (miniblock % 8 * widths[current] + 7) / 8;
        }
        current++;
        if (current >= widths.length) {
            long number = varint();
            least = number >>> 1 ^ -(number & 1);
            if (position + widths.length > bytes.length) {
                throw damaged();
            }
            for (int i = 0; i < widths.length; i++) {
                widths[i] = bytes[position++] & 0xFF;
                if (widths[i] > 64) {
                    throw damaged();
                }
            }
            current = 0;
        }
        leftInPart = miniblock;
        bit = 8L * position;
    }

    /** Reads all numbers that are left, and returns where the bytes after them begin. */
    int end() throws ParquetException {
        while (produced < count) {
            next();
        }
        return current >= widths.length
                ? position
                : position + miniblock / 8 * widths[current] + (miniblock % 8 * widths[current] + 7) / 8;
    }

    private long varint() throws ParquetException {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position >= bytes.length) {
                throw damaged();
            }
            int b = bytes[position++];
            number |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return number;
            }
        }
        throw damaged();
    }

    private static ParquetException damaged() {
        return new ParquetException("a page has numbers that are not complete");
    }
}
