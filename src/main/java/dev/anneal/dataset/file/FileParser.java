package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.FolderRows;
import dev.anneal.dataset.format.Layout;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.dataset.format.UnreadableRow;
import dev.anneal.dataset.format.ZipContents;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.unpack.Beginning;
import dev.anneal.dataset.unpack.Compression;
import dev.anneal.dataset.unpack.CountedInput;
import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.files.ArrivingFile;
import dev.anneal.files.DiskRoom;
import dev.anneal.text.Cut;
import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the files of a dataset one after another: decompresses each, finds its format, and has its rows checked. */
final class FileParser {
    private static final int MAX_NAME = 1_000;
    private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");

    private final UploadRequest request;
    private final ParserLimits limits;
    private final boolean several;
    private final RowProblems problems = new RowProblems();
    private final RowParser rows;
    private final MessageDigest digest = Sha256.digest();
    private final List<FileSource> sources = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private long sizeBytes;
    private long unpackedBytes;
    private @Nullable CountedInput received; // the file that is read, which may be a zip of others
    private boolean inZip;
    private boolean complete = true;

    FileParser(UploadRequest request, ParserLimits limits, boolean several, DatasetParser.Sink sink) {
        this.request = request;
        this.limits = limits;
        this.several = several;
        this.rows = new RowParser(request, limits.maxText(), problems, sink);
    }

    /** Parses one file. If there are several, a problem of the file as a whole names it. */
    void read(UploadedFile file) throws IOException {
        sizeBytes += read(file, several, digest);
    }

    private long read(UploadedFile file, boolean isOneOfSeveral, MessageDigest all) throws IOException {
        problems.in(isOneOfSeveral ? file.name() : null);
        names.add(file.name());
        MessageDigest own = Sha256.digest();
        CountedInput raw = new CountedInput(
                new DigestInputStream(new DigestInputStream(file.content().open(), own), all));
        received = inZip ? received : raw;
        long before = rows.number();
        try (InputStream in = new BufferedInputStream(raw, 1 << 16)) {
            Found found = decompress(file, in);
            in.transferTo(OutputStream.nullOutputStream()); // for the hash
            if (found != null) {
                sources.add(source(file, found, rows.number() - before, raw.count(), Sha256.hex(own)));
            }
            return raw.count();
        } catch (Problem problem) {
            if (!isOneOfSeveral) {
                throw problem;
            }
            throw new Problem(
                    problem.status(),
                    problem.code(),
                    "In '%s': %s".formatted(Problem.quote(file.name()), problem.getMessage()),
                    problem.errors(),
                    problem.properties());
        }
    }

    /** The facts about a file that were found, or given. */
    private record Found(
            FileFormat format,
            @Nullable Encoding encoding,
            Layout layout,
            @Nullable String dialect,
            @Nullable Compression compression) {
        Found in(@Nullable Compression other) {
            return new Found(format, encoding, layout, dialect, other);
        }
    }

    private FileSource source(UploadedFile file, Found found, long count, long size, String sha256) {
        FileFormat format = found.format();
        String name = Cut.to(file.name(), MAX_NAME);
        return new FileSource(
                CONTROLS.matcher(name).replaceAll("\uFFFD"), // Postgres does not accept null characters
                file.split(),
                label(file),
                format.name(),
                found.compression() == null ? null : found.compression().name(),
                found.encoding() == null ? null : found.encoding().title(),
                format.hasDelimiter() ? found.layout().delimiter() : null,
                format.hasCells() ? found.layout().header() : null,
                found.dialect(),
                count,
                size,
                sha256);
    }

    private @Nullable String label(UploadedFile file) {
        return request.labels().byFile().get(file.name());
    }

    /** Parses a file that may be compressed. Returns null for a zip of several files, each of which has its facts. */
    private @Nullable Found decompress(UploadedFile file, InputStream in) throws IOException {
        Compression compression = Compression.of(start(in)).orElse(null);
        if (compression == null) {
            return parse(file, file.name(), in);
        }
        InputStream packed = new FilterInputStream(in) {
            @Override
            public void close() {
                // the caller reads what is left
            }
        };
        try (InputStream plain =
                new BufferedInputStream(counted(compression.decompress(packed, limits.unpack())), 1 << 16)) {
            Found found = parse(file, Compression.uncompressed(file.name()), plain);
            return found == null ? null : found.in(compression);
        }
    }

    /** Limits what all compressed files together unpack to: a zip may have many of them. */
    private InputStream counted(InputStream plain) {
        return new FilterInputStream(plain) {
            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int n = super.read(bytes, from, length);
                unpackedBytes += Math.max(0, n);
                limits.unpack()
                        .check(
                                unpackedBytes,
                                sizeBytes + Objects.requireNonNull(received).count());
                return n;
            }
        };
    }

    private @Nullable Found parse(UploadedFile file, String name, InputStream in) throws IOException {
        byte[] start = start(in);
        if (start.length == 0) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        boolean isParquet = new String(start, 0, Math.min(4, start.length), StandardCharsets.ISO_8859_1).equals("PAR1");
        if (isParquet || ZipStream.isZip(start)) {
            Path copy = Files.createTempFile(limits.directory(), "upload", ".tmp");
            try {
                copy(in, copy);
                return isParquet ? parse(file, copy, FileFormat.parquet) : parseZip(file, copy);
            } finally {
                Files.deleteIfExists(copy);
            }
        }
        FormatDetector.Found found = new FormatDetector(request, name, label(file) != null).find(start);
        String dialect = parse(
                file, found.format(), () -> found.format().open(in, found.encoding(), found.layout(), limits.maxRow()));
        return new Found(found.format(), found.encoding(), found.layout(), dialect, null);
    }

    private void copy(InputStream in, Path copy) throws IOException {
        try (DiskRoom room = DiskRoom.reserve(limits.directory(), 0);
                ArrivingFile out = new ArrivingFile(copy, 0, room)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, read);
            }
        }
    }

    private @Nullable Found parseZip(UploadedFile file, Path copy) throws IOException {
        ZipContents contents = ZipContents.of(copy, limits.unpack());
        FileFormat given = request.files().format();
        if (contents.isWorkbook()) {
            return parse(file, copy, FileFormat.xlsx);
        }
        if (inZip) { // its files could be zips again, and so on
            throw Problem.unprocessable(
                    "unsupported_zip",
                    "The zip contains another zip, which is not read. Unpack that one, and zip its files together with the others.");
        }
        if (given == FileFormat.folders || given == null && contents.files().isEmpty() && contents.hasTexts()) {
            boolean hasSplits = contents.hasSplits() && file.split() == null;
            String dialect = parse(
                    file,
                    FileFormat.folders,
                    () -> new FolderRows(copy, hasSplits, request.files().encoding(), limits.reader()));
            return new Found(FileFormat.folders, null, new Layout(",", true), dialect, null);
        }
        inZip = true;
        new ZippedFiles(copy, contents, file.split(), limits.unpack()).read(request.labels(), problems, zipped -> {
            read(zipped, true, Sha256.digest());
        });
        inZip = false;
        return null;
    }

    /** Parses a file that is not text. */
    private Found parse(UploadedFile file, Path copy, FileFormat format) throws IOException {
        FileFormat given = request.files().format();
        if (given != null && given != format) {
            throw Problem.unprocessable(
                    "wrong_format",
                    "The file is %s, but 'format' is %s. Omit 'format', or send the right file."
                            .formatted(format.title(), given.name()));
        }
        Boolean header = request.files().header();
        Layout layout = new Layout(",", header == null || header);
        String dialect = parse(file, format, () -> format.open(copy, layout, limits.reader()));
        return new Found(format, null, layout, dialect, null);
    }

    /** Opens the reader of a file. */
    private interface Opener {
        RowReader open() throws IOException;
    }

    private @Nullable String parse(UploadedFile file, FileFormat format, Opener opener) throws IOException {
        try (RowReader reader = opener.open()) {
            return rows.parse(format, new FixedValues(reader, file.name(), label(file), file.split()));
        } catch (UnreadableRow e) {
            problems.add(e.line(), null, "unreadable_row", e.getMessage() + " Reading stopped here.");
            complete = false;
            return null;
        }
    }

    private static byte[] start(InputStream in) throws IOException {
        in.mark(Beginning.BYTES);
        byte[] start = in.readNBytes(Beginning.BYTES);
        in.reset();
        return start;
    }

    DatasetParser result() {
        problems.in(null);
        UnusedFields.refuse(request, sources, rows.columns().keySet(), names);
        return new DatasetParser(
                sources.get(0).format(),
                rows.task(),
                rows.columns(),
                List.copyOf(sources),
                rows.number(),
                sizeBytes,
                Sha256.hex(digest),
                problems,
                complete && rows.isComplete());
    }
}
