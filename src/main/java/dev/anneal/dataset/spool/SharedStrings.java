package dev.anneal.dataset.spool;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The strings of a workbook by their numbers. The first few megabytes are in memory, the others in temporary files. */
public final class SharedStrings implements Closeable {
    private static final long MAX_CHARACTERS = 4 << 20;
    private static final int CACHED = 1_000;

    private final Path directory;
    private final List<String> first = new ArrayList<>();
    private final Map<Integer, String> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) {
            return size() > CACHED;
        }
    };
    private @Nullable Spilled spilled;
    private long characters;
    private int count;

    public SharedStrings(Path directory) {
        this.directory = directory;
    }

    public void add(String text) throws IOException {
        characters += text.length() + 40; // a string in memory has about so many bytes besides its characters
        count++;
        if (characters <= MAX_CHARACTERS) {
            first.add(text);
            return;
        }
        if (spilled == null) {
            spilled = new Spilled(directory);
        }
        spilled.add(text);
    }

    /** Returns a string, or null if there is none with this number. */
    @Nullable
    public String get(int number) throws IOException {
        if (number < 0 || number >= count) {
            return null;
        }
        if (number < first.size() || spilled == null) {
            return first.get(number);
        }
        String cached = cache.get(number);
        if (cached == null) {
            cached = spilled.get(number - first.size());
            cache.put(number, cached);
        }
        return cached;
    }

    @Override
    public void close() throws IOException {
        if (spilled != null) {
            spilled.close();
        }
    }

    /** Strings in a file, and in another one the places where they begin. */
    private static final class Spilled implements Closeable {
        private final Path textFile;
        private final Path placeFile;
        private final DataOutputStream texts;
        private final DataOutputStream places;
        private long size;
        private @Nullable RandomAccessFile readTexts;
        private @Nullable RandomAccessFile readPlaces;

        Spilled(Path directory) throws IOException {
            textFile = Files.createTempFile(directory, "strings", ".tmp");
            placeFile = Files.createTempFile(directory, "places", ".tmp");
            texts = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(textFile)));
            places = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(placeFile)));
        }

        void add(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            places.writeLong(size);
            texts.writeInt(bytes.length);
            texts.write(bytes);
            size += 4L + bytes.length;
        }

        String get(int number) throws IOException {
            if (readTexts == null || readPlaces == null) {
                texts.close();
                places.close();
                readTexts = new RandomAccessFile(textFile.toFile(), "r");
                readPlaces = new RandomAccessFile(placeFile.toFile(), "r");
            }
            readPlaces.seek(8L * number);
            readTexts.seek(readPlaces.readLong());
            byte[] bytes = new byte[readTexts.readInt()];
            readTexts.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            texts.close();
            places.close();
            if (readTexts != null) {
                readTexts.close();
            }
            if (readPlaces != null) {
                readPlaces.close();
            }
            Files.deleteIfExists(textFile);
            Files.deleteIfExists(placeFile);
        }
    }
}
