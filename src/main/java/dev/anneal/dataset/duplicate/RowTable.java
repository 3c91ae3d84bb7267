package dev.anneal.dataset.duplicate;

import dev.anneal.dataset.spool.Spool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The facts about each row that later checks need, by its number: 40 bytes, and the folded text for near duplicates. */
final class RowTable implements AutoCloseable {
    /** A row: the hash of its texts, its line, a hash of its label, its text, and the other row that was kept with it. */
    record Entry(long hash, long line, int label, long text, int length, int near, float similarity) {}

    private static final int SIZE = 40;
    /** The last two fields of an entry: another row that is almost the same, and how similar it is. */
    private static final int NEAR = 32;

    private static final int NEAR_SIZE = SIZE - NEAR;
    /** A negative length marks a text with characters of two bytes. */
    private static final int MAX = Shingles.MAX_CHARACTERS;

    private final Spool entries;
    private final Spool texts;
    private final byte[] bytes = new byte[SIZE];
    private final ByteBuffer entry = ByteBuffer.wrap(bytes);
    private byte[] text = new byte[1 << 12];

    RowTable(Path directory) {
        this.entries = new Spool(directory);
        this.texts = new Spool(directory);
    }

    /** Adds a row. Its number is greater than those before. The folded text is empty if it will not be needed. */
    void add(int number, long hash, long line, int label, String folded) throws IOException {
        while (entries.position() < (long) number * SIZE) {
            java.util.Arrays.fill(bytes, (byte) 0);
            entries.append(bytes, SIZE);
        }
        entry.clear();
        entry.putLong(hash)
                .putLong(line)
                .putInt(label)
                .putLong(texts.position())
                .putInt(store(folded))
                .putInt(0)
                .putFloat(0);
        entries.append(bytes, SIZE);
    }

    private int store(String folded) throws IOException {
        int length = Math.min(folded.length(), MAX);
        boolean wide = false;
        for (int i = 0; i < length && !wide; i++) {
            wide = folded.charAt(i) > 255;
        }
        int size = wide ? length * 2 : length;
        if (text.length < size) {
            text = new byte[Math.max(size, text.length * 2)];
        }
        for (int i = 0; i < length; i++) {
            char c = folded.charAt(i);
            if (wide) {
                text[2 * i] = (byte) (c >> 8);
                text[2 * i + 1] = (byte) c;
            } else {
                text[i] = (byte) c;
            }
        }
        texts.append(text, size);
        return wide ? -length : length;
    }

    Entry get(int number) throws IOException {
        entries.read((long) number * SIZE, bytes, SIZE);
        entry.clear();
        return new Entry(
                entry.getLong(),
                entry.getLong(),
                entry.getInt(),
                entry.getLong(),
                entry.getInt(),
                entry.getInt(),
                entry.getFloat());
    }

    /** Keeps another row with a row, and how similar it is. */
    void setNear(int number, int other, double similarity) throws IOException {
        entry.clear();
        entry.putInt(NEAR, other).putFloat(NEAR + Integer.BYTES, (float) similarity);
        entries.replace((long) number * SIZE + NEAR, bytes, NEAR, NEAR_SIZE);
    }

    String text(Entry row) throws IOException {
        boolean wide = row.length < 0;
        int size = wide ? -row.length * 2 : row.length;
        byte[] read = new byte[size];
        texts.read(row.text, read, size);
        return new String(read, wide ? StandardCharsets.UTF_16BE : StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        entries.close();
        texts.close();
    }
}
