package dev.anneal.dataset.file;

import dev.anneal.dataset.format.Delimiter;
import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.Layout;
import dev.anneal.dataset.format.OtherForms;
import dev.anneal.dataset.unpack.Beginning;
import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Finds how to read a text file: as the request says, or else by the name of the file and by its beginning. */
final class FormatDetector {
    /** The format, encoding and layout of a file. */
    record Found(FileFormat format, Encoding encoding, Layout layout) {}

    /** The first bytes of pictures, documents, programs and archives: a short one may have few bytes that no text has. */
    private static final List<String> BINARY = List.of(
            "%PDF-",
            "\u0089PNG",
            "\u0089HDF",
            "\u00FF\u00D8\u00FF",
            "GIF87a",
            "GIF89a",
            "\u007FELF",
            "SQLite format 3\0",
            "\u0093NUMPY",
            "7z\u00BC\u00AF",
            "Rar!\u001A\u0007",
            "\u00FD7zXZ\0",
            "ARROW1",
            "Obj\u0001");

    private static final int LONGEST_MARK = 16;

    private final UploadRequest request;
    private final String suffix;
    private final boolean isLabelled;

    /**
     * @param name the name of the file, without the suffix of a compression
     * @param isLabelled whether all rows of the file have one label that the file does not contain
     */
    FormatDetector(UploadRequest request, String name, boolean isLabelled) {
        this.request = request;
        this.suffix = UploadedFile.suffix(name);
        this.isLabelled = isLabelled;
    }

    Found find(byte[] start) {
        if (request.files().encoding() == null && !hasMark(start) && Encoding.isUtf32(start)) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is UTF-32. Convert it to UTF-8, for example with"
                            + " 'iconv -f UTF-32 -t UTF-8 old.csv > new.csv', or save it as 'CSV UTF-8'.");
        }
        refuseOther(start);
        if (isBinary(
                start,
                Encoding.of(request.files().encoding(), start),
                request.files().delimiter())) {
            throw Problem.unprocessable(
                    "wrong_format",
                    "The file is binary, not text. Send a text file such as CSV or JSONL, or a Parquet, Excel or zip file"
                            + " that is complete.");
        }
        Encoding encoding = Encoding.of(request.files().encoding(), start);
        Beginning beginning = Beginning.of(start, encoding);
        OtherForms.refuse(request.files().format(), beginning, this::isHeader);
        FileFormat format = format(beginning);
        return new Found(format, encoding, layout(format, beginning));
    }

    /** Refuses a file that is called, or said to be, what it is not. */
    private void refuseOther(byte[] start) {
        FileFormat given = request.files().format();
        boolean isOldExcel = start.length > 4 && (start[0] & 0xFF) == 0xD0 && (start[1] & 0xFF) == 0xCF;
        if (isOldExcel) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is an old or encrypted Excel file. Save it as .xlsx without a password, or as CSV.");
        }
        if (given != null && !given.isText()) {
            throw Problem.unprocessable(
                    "wrong_format",
                    "The file does not begin as '%s' does. Correct 'format', or send the right file."
                            .formatted(given.name()));
        }
        if (given == null && List.of("parquet", "xlsx", "zip").contains(suffix)) {
            throw Problem.unprocessable(
                    "wrong_format",
                    "The file does not begin as a file called .%s does. Correct its name, or send the right file."
                            .formatted(suffix));
        }
    }

    private static boolean hasMark(byte[] start) {
        String first = new String(start, 0, Math.min(start.length, LONGEST_MARK), StandardCharsets.ISO_8859_1);
        return BINARY.stream().anyMatch(first::startsWith);
    }

    /** Returns whether a file begins as pictures, programs or documents do: with many bytes that no text has. */
    private static boolean isBinary(byte[] start, Encoding encoding, @Nullable String delimiter) {
        if (hasMark(start)) {
            return true;
        }
        if (encoding == Encoding.UTF_16LE || encoding == Encoding.UTF_16BE) {
            return false;
        }
        int looked = Math.min(start.length, 4096);
        int strange = 0;
        for (int i = 0; i < looked; i++) {
            boolean isControl =
                    start[i] >= 0 && start[i] < ' ' && !Character.isWhitespace(start[i]) && start[i] != 0x1B;
            boolean isDelimiter = delimiter != null && delimiter.length() == 1 && delimiter.charAt(0) == start[i];
            strange += isControl && !isDelimiter ? 1 : 0;
        }
        return strange >= 8 && strange > looked / 20;
    }

    private FileFormat format(Beginning beginning) {
        FileFormat given = request.files().format();
        String delimiter = request.files().delimiter();
        if (given != null) {
            return given;
        }
        if (delimiter != null) {
            return delimiter.equals(Delimiter.TAB) && !suffix.equals("csv") ? FileFormat.tsv : FileFormat.csv;
        }
        return FileFormat.ofSuffix(suffix).orElseGet(() -> byStart(beginning));
    }

    private FileFormat byStart(Beginning beginning) {
        boolean plain = suffix.equals("txt") || suffix.equals("text");
        if (plain && request.task() != null && request.task().isLanguageModel()) {
            return FileFormat.text;
        }
        Optional<FileFormat> known = FileFormat.of(beginning);
        if (plain && request.task() == DatasetTask.TOKEN_CLASSIFICATION) {
            return FileFormat.conll;
        }
        if (suffix.equals("tsv")) {
            return known.filter(FileFormat.conll::equals).orElse(FileFormat.tsv);
        }
        if (known.isPresent()) {
            return known.get();
        }
        if (suffix.equals("json")) {
            throw Problem.unprocessable(
                    "malformed_json",
                    "The file is not a JSON dataset. A .json file must hold an array of objects, or JSON lines: an"
                            + " object on each line.");
        }
        if (isLabelled) {
            return FileFormat.lines;
        }
        String delimiter = Delimiter.find(beginning);
        boolean hasHeader = !plain
                || request.task() != null
                || !request.columns().isEmpty()
                || ColumnRoles.isHeader(names(beginning, delimiter));
        return !hasHeader ? FileFormat.text : delimiter.equals(Delimiter.TAB) ? FileFormat.tsv : FileFormat.csv;
    }

    private Layout layout(FileFormat format, Beginning beginning) {
        String given = request.files().delimiter();
        String delimiter = given != null ? given : format == FileFormat.tsv ? Delimiter.TAB : Delimiter.find(beginning);
        Boolean header = request.files().header();
        return new Layout(delimiter, header != null ? header : !namesNumberedColumns(names(beginning, delimiter)));
    }

    /** Returns whether one of the names is that of a column: a usual one, or one that the request names. */
    private boolean isHeader(List<String> names) {
        return ColumnRoles.isHeader(names)
                || request.columns().values().stream().flatMap(List::stream).anyMatch(names::contains);
    }

    /** Returns whether the request names columns only by their numbers, which the first line does not contain. */
    private boolean namesNumberedColumns(List<String> firstLine) {
        return !request.columns().isEmpty()
                && request.columns().values().stream()
                        .flatMap(List::stream)
                        .allMatch(name -> name.matches("column_\\d+") && !firstLine.contains(name));
    }

    /** Returns the fields of the first line, roughly: quotation marks are removed. */
    private static List<String> names(Beginning beginning, String delimiter) {
        String character = delimiter.equals(Delimiter.TAB) ? "\t" : delimiter.substring(0, 1);
        return Arrays.stream(beginning.firstLine().split(java.util.regex.Pattern.quote(character)))
                .map(name -> name.strip().replace("\"", "").toLowerCase(Locale.ROOT))
                .toList();
    }
}
