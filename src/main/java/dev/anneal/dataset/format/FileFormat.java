package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Beginning;
import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.dataset.unpack.ReaderLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The formats that an upload may have. The names of the constants are the names on the wire. */
public enum FileFormat {
    csv("CSV", true, DelimitedRows::csv, List.of("csv"), start -> false),
    tsv("TSV", true, DelimitedRows::tsv, List.of("tsv"), start -> false),
    conll("CoNLL", ConllRows::new, List.of("conll", "bio", "iob", "iob2"), ConllRows::isConll),
    jsonl("JSONL", JsonLines::new, List.of("jsonl", "ndjson"), JsonLines::isJsonLines),
    json("JSON", JsonArray::new, List.of("json"), JsonArray::isJsonArray),
    text("text", TextRows::new, List.of(), start -> false),
    lines("lines of text", LineRows::new, List.of(), start -> false),
    xlsx("Excel", true, WorkbookRows::open, List.of("xlsx")),
    parquet("Parquet", false, ParquetRows::open, List.of("parquet")),
    folders("a zip with a folder of texts for each label", false, FileFormat::refuse, List.of());

    /** The names on the wire. */
    public static final List<String> NAMES =
            Arrays.stream(values()).map(Enum::name).toList();

    /** The ends of the names of files that are datasets. */
    public static final Set<String> SUFFIXES =
            Arrays.stream(values()).flatMap(format -> format.suffixes.stream()).collect(Collectors.toUnmodifiableSet());

    /** Suffixes of files that often have another format: a .json file has lines, a .tsv file has tokens with tags. */
    private static final Set<String> UNCERTAIN = Set.of("json", "tsv");

    /** Makes the reader of a format. */
    private interface Opener {
        RowReader open(TextReader source, Layout layout) throws IOException;
    }

    /** Makes the reader of a format that has no layout. */
    private interface PlainOpener {
        RowReader open(TextReader source) throws IOException;
    }

    /** Makes the reader of a format that is not text. */
    private interface FileOpener {
        RowReader open(Path file, Layout layout, ReaderLimits limits) throws IOException;
    }

    private final String title;
    private final boolean hasCells;
    private final @Nullable Opener opener;
    private final FileOpener fileOpener;
    private final List<String> suffixes;
    private final Predicate<String> start;

    FileFormat(String title, PlainOpener opener, List<String> suffixes, Predicate<String> start) {
        this(title, false, (source, layout) -> opener.open(source), suffixes, start);
    }

    FileFormat(String title, boolean hasCells, Opener opener, List<String> suffixes, Predicate<String> start) {
        this.title = title;
        this.hasCells = hasCells;
        this.opener = opener;
        this.fileOpener = FileFormat::refuse;
        this.suffixes = suffixes;
        this.start = start;
    }

    FileFormat(String title, boolean hasCells, FileOpener fileOpener, List<String> suffixes) {
        this.title = title;
        this.hasCells = hasCells;
        this.opener = null;
        this.fileOpener = fileOpener;
        this.suffixes = suffixes;
        this.start = start -> false;
    }

    private static RowReader refuse(Path file, Layout layout, ReaderLimits limits) {
        throw new IllegalStateException("this format is opened in another way");
    }

    /** Returns the only format of files whose names end so, if there is one. */
    public static Optional<FileFormat> ofSuffix(String suffix) {
        return Arrays.stream(values())
                .filter(format -> format.isText() && format.suffixes.contains(suffix) && !UNCERTAIN.contains(suffix))
                .findFirst();
    }

    /** Returns the first format whose files begin so, if there is one. CSV, TSV and text cannot be recognized by it. */
    public static Optional<FileFormat> of(Beginning beginning) {
        return Arrays.stream(values())
                .filter(format -> format.start.test(beginning.text()))
                .findFirst();
    }

    public String title() {
        return title;
    }

    public boolean isText() {
        return opener != null;
    }

    /** Returns whether a file consists of cells, which hold text only. Such a file may have a header. */
    public boolean hasCells() {
        return hasCells;
    }

    /** Returns whether a file has a delimiter. */
    public boolean hasDelimiter() {
        return this == csv || this == tsv;
    }

    /**
     * Opens a reader of the rows of a text file.
     *
     * @param maxRow how many characters a row may have
     */
    public RowReader open(InputStream in, Encoding encoding, Layout layout, long maxRow) throws IOException {
        if (opener == null) {
            throw new IllegalStateException(name() + " is not text");
        }
        TextReader source = new TextReader(in, encoding, maxRow);
        return new DecodedRows(source, opener.open(source, layout));
    }

    /** Opens a reader of the rows of a file that is not text. */
    public RowReader open(Path file, Layout layout, ReaderLimits limits) throws IOException {
        return fileOpener.open(file, layout, limits);
    }
}
