package dev.anneal.dataset.parquet;

/** Decodes small whole numbers that are written as runs of one number, and as packed bits. */
final class Runs {
    private final byte[] bytes;
    private final int end;
    private final int width;
    private int position;
    private int left;
    private boolean isPacked;
    private int repeated;
    private long bit; // of the next packed number, from the beginning of the bytes

    Runs(byte[] bytes, int from, int end, int width) throws ParquetException {
        if (width < 0 || width > 32 || from < 0 || end < from || end > bytes.length) {
            throw damaged();
        }
        this.bytes = bytes;
        this.position = from;
        this.end = end;
        this.width = width;
    }

    int next() throws ParquetException {
        if (width == 0) {
            return 0;
        }
        while (left == 0) {
            startRun();
        }
        left--;
        if (!isPacked) {
            return repeated;
        }
        if (bit + width > 8L * end) {
            throw damaged();
        }
        long number = 0;
        for (int i = 0; i < width; i++, bit++) {
            number |= (long) (bytes[(int) (bit >>> 3)] >>> (bit & 7) & 1) << i;
        }
        return (int) number;
    }

    private void startRun() throws ParquetException {
        if (isPacked) {
            position = (int) (bit + 7 >>> 3);
        }
        int header = 0;
        for (int shift = 0; ; shift += 7) {
            if (shift > 28 || position >= end) {
                throw damaged();
            }
            int b = bytes[position++];
            header |= (b & 0x7F) << shift;
            if (b >= 0) {
                break;
            }
        }
        isPacked = (header & 1) == 1;
        left = header >>> 1;
        if (isPacked) {
            bit = 8L * position;
            if (left > (end - position) * 8L / width / 8 + 1) {
                throw damaged();
            }
            left *= 8;
            return;
        }
        int size = (width + 7) / 8;
        if (position + size > end) {
            throw damaged();
        }
        repeated = 0;
        for (int i = 0; i < size; i++) {
            repeated |= (bytes[position++] & 0xFF) << 8 * i;
        }
    }

    private static ParquetException damaged() {
        return new ParquetException("a page has levels or numbers that are not complete");
    }
}
