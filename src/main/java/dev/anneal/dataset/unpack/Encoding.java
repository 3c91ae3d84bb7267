package dev.anneal.dataset.unpack;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The encodings that a text file may have. UTF-8 and UTF-16 are found in the file; the others must be given. */
public enum Encoding {
    UTF_8("utf-8", StandardCharsets.UTF_8),
    UTF_16LE("utf-16le", StandardCharsets.UTF_16LE),
    UTF_16BE("utf-16be", StandardCharsets.UTF_16BE),
    ISO_8859_1("iso-8859-1", StandardCharsets.ISO_8859_1),
    WINDOWS_1252("windows-1252", Charset.forName("windows-1252"));

    /** The names that a request may give. */
    public static final List<String> NAMES =
            List.of("utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "latin-1", "windows-1252");

    private final String title;
    private final Charset charset;

    Encoding(String title, Charset charset) {
        this.title = title;
        this.charset = charset;
    }

    /** Returns the name on the wire. */
    public String title() {
        return title;
    }

    public Charset charset() {
        return charset;
    }

    /**
     * Returns the encoding of a file that begins so.
     *
     * @param given one of {@link #NAMES}, or null if the encoding is to be found
     */
    public static Encoding of(@Nullable String given, byte[] start) {
        if (given == null || given.equals("utf-16")) {
            Encoding found = find(start);
            return given != null && found == UTF_8 ? UTF_16LE : found;
        }
        for (Encoding encoding : values()) {
            if (encoding.title.equals(given)) {
                return encoding;
            }
        }
        return ISO_8859_1; // latin-1
    }

    private static Encoding find(byte[] start) {
        if (begins(start, 0xFF, 0xFE)) {
            return UTF_16LE;
        }
        if (begins(start, 0xFE, 0xFF)) {
            return UTF_16BE;
        }
        // Texts in UTF-16 without a mark: most characters are ASCII, if only the commas, spaces and line ends.
        long zeros = start.length / 4;
        if (zeros(start, 2, 1) > zeros) {
            return UTF_16LE;
        }
        return zeros(start, 2, 0) > zeros ? UTF_16BE : UTF_8;
    }

    /** Returns whether the file is UTF-32: it has a byte order mark, or its code points have zeros as their two high bytes. */
    public static boolean isUtf32(byte[] start) {
        if (begins(start, 0xFF, 0xFE, 0, 0) || begins(start, 0, 0, 0xFE, 0xFF)) {
            return true;
        }
        long most = start.length / 4 * 9L / 10;
        boolean little = zeros(start, 4, 2) > most && zeros(start, 4, 3) > most;
        boolean big = zeros(start, 4, 0) > most && zeros(start, 4, 1) > most;
        return start.length >= 8 && (little || big);
    }

    private static long zeros(byte[] bytes, int step, int offset) {
        return IntStream.range(0, bytes.length)
                .filter(i -> i % step == offset && bytes[i] == 0)
                .count();
    }

    static boolean begins(byte[] bytes, int... with) {
        return bytes.length >= with.length
                && IntStream.range(0, with.length).allMatch(i -> (bytes[i] & 0xFF) == with[i]);
    }
}
