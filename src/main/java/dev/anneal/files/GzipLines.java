package dev.anneal.files;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A directory with a gzip file of numbered lines, and an index of its blocks, so that reading can begin at a number. The index has
 * the first number of each block and its place in the file.
 */
public final class GzipLines {
    /** The name of the file of lines in its directory. */
    public static final String LINES = "predictions.jsonl.gz";

    static final String INDEX = "predictions.index";
    /** The bytes of an entry of the index. */
    static final int ENTRY = 2 * Long.BYTES;

    private final Path directory;

    public GzipLines(Path directory) {
        this.directory = directory;
    }

    /** Receives lines. */
    public interface Visitor {
        /** Returns whether the next line is wanted, too. */
        boolean visit(String line) throws IOException;
    }

    /** Visits the lines from a block on that has the first line whose number is higher than this, or some lines before it. */
    public void forEachAfter(long number, Visitor visitor) throws IOException {
        long place = placeOf(number);
        try (FileInputStream file = new FileInputStream(directory.resolve(LINES).toFile())) {
            file.getChannel().position(place);
            InputStream plain = new GZIPInputStream(new BufferedInputStream(file, 1 << 16), 1 << 14);
            BufferedReader lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!visitor.visit(line)) {
                    return;
                }
            }
        }
    }

    /** Returns the place of the last block that begins at this number or before it. */
    private long placeOf(long number) throws IOException {
        ByteBuffer index = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(INDEX)));
        int low = 0;
        int high = index.capacity() / ENTRY - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (index.getLong(middle * ENTRY) <= number) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return index.getLong(low * ENTRY + Long.BYTES);
    }

    /** Returns the size of the file in bytes. */
    public long size() throws IOException {
        return Files.size(directory.resolve(LINES));
    }
}
