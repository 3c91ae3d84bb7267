package dev.anneal.dataset.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The formats that an upload may have. The names of the constants are the names on the wire. */
public enum FileFormat {
    csv("CSV", true, DelimitedRows::csv, List.of("csv")),
    tsv("TSV", true, DelimitedRows::tsv, List.of()),
    conll("CoNLL", false, ConllRows::new, List.of("conll", "bio", "iob", "iob2"), ConllRows::isConll),
    jsonl("JSONL", false, JsonLines::new, List.of("jsonl", "ndjson"), JsonLines::isJsonLines),
    json("JSON", false, JsonArray::new, List.of(), JsonArray::isJsonArray),
    text("text", false, TextRows::new, List.of());

    /** The number of bytes of a file's beginning that {@link #of(String)} expects. */
    public static final int START = 4096;

    /** Makes the reader of a text format. */
    private interface Opener {
        RowReader open(Utf8Reader source) throws IOException;
    }

    private final String title;
    private final boolean delimited;
    private final Opener opener;
    private final List<String> suffixes;
    private final Predicate<String> start;

    FileFormat(String title, boolean delimited, Opener opener, List<String> suffixes) {
        this(title, delimited, opener, suffixes, start -> false);
    }

    FileFormat(String title, boolean delimited, Opener opener, List<String> suffixes, Predicate<String> start) {
        this.title = title;
        this.delimited = delimited;
        this.opener = opener;
        this.suffixes = suffixes;
        this.start = start;
    }

    /** Returns the only format of files whose names end so, if there is one. */
    public static Optional<FileFormat> ofSuffix(String suffix) {
        return Arrays.stream(values())
                .filter(format -> format.suffixes.contains(suffix))
                .findFirst();
    }

    /** Returns the first format whose files begin so, if there is one. CSV, TSV and text cannot be recognized by it. */
    public static Optional<FileFormat> of(String start) {
        return Arrays.stream(values())
                .filter(format -> format.start.test(start))
                .findFirst();
    }

    /** Returns the names of all formats, for a message. */
    public static String titles() {
        List<String> titles = Arrays.stream(values()).map(FileFormat::title).toList();
        return titles.stream().limit(titles.size() - 1).collect(Collectors.joining(", ")) + " or "
                + titles.get(titles.size() - 1);
    }

    public String title() {
        return title;
    }

    /** Returns whether a file has a header line and cells, which hold text only. */
    public boolean isDelimited() {
        return delimited;
    }

    /**
     * Opens a reader of the file's rows.
     *
     * @param maxRow how many characters a row may have
     */
    public RowReader open(InputStream in, long maxRow) throws IOException {
        Utf8Reader source = new Utf8Reader(in, maxRow);
        return new Utf8Rows(source, opener.open(source));
    }
}
