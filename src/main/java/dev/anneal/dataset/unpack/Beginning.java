package dev.anneal.dataset.unpack;

/**
 * The beginning of a text file, by which its format and its delimiter are found. It ends at the end of a line, unless the first
 * line is longer.
 */
public record Beginning(String text) {
    /** The maximum size in bytes. */
    public static final int BYTES = 1 << 16;

    /** Decodes the first bytes of a file. */
    public static Beginning of(byte[] start, Encoding encoding) {
        String text = new String(start, encoding.charset());
        text = text.startsWith("\uFEFF") ? text.substring(1) : text;
        int end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
        return new Beginning(start.length < BYTES || end < 0 ? text : text.substring(0, end + 1));
    }

    /** Returns the first line that is not blank. */
    public String firstLine() {
        return text.stripLeading().lines().findFirst().orElse("");
    }
}
