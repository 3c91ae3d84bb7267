package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.springframework.http.HttpStatus;

/** Finds the format of an upload by the name of the file, or else by its beginning. */
final class FormatDetector {
    private FormatDetector() {}

    /** Reads the beginning of the stream, which must support mark, and resets it. */
    static FileFormat detect(UploadRequest request, InputStream in) throws IOException {
        in.mark(FileFormat.START);
        String start = new String(in.readNBytes(FileFormat.START), StandardCharsets.ISO_8859_1);
        in.reset();
        if (start.isEmpty()) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        if (start.startsWith("PK\3\4") || start.startsWith("\37\u008b") || start.startsWith("PAR1")) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is compressed or Parquet. Send it uncompressed, as " + FileFormat.titles() + ".");
        }
        if (isWide(start)) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is UTF-16 or UTF-32. Convert it to UTF-8, for example with"
                            + " 'iconv -f UTF-16 -t UTF-8 old.csv > new.csv', or save it as 'CSV UTF-8'.");
        }
        String name = request.fileName().toLowerCase();
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        return FileFormat.ofSuffix(suffix)
                .orElseGet(() -> byStart(start.replace("\u00ef\u00bb\u00bf", ""), suffix, request));
    }

    /** Returns whether the text is UTF-16 or UTF-32: it has a byte order mark, or most of every second byte is null. */
    private static boolean isWide(String start) {
        if (start.startsWith("\u00ff\u00fe")
                || start.startsWith("\u00fe\u00ff")
                || start.startsWith("\0\0\u00fe\u00ff")) {
            return true;
        }
        long even = IntStream.range(0, start.length())
                .filter(i -> i % 2 == 0 && start.charAt(i) == 0)
                .count();
        long odd = start.chars().filter(c -> c == 0).count() - even;
        return Math.max(even, odd) > start.length() / 4;
    }

    private static FileFormat byStart(String start, String suffix, UploadRequest request) {
        boolean plain = suffix.equals("txt") || suffix.equals("text");
        if (plain && request.task() != null && request.task().isLanguageModel()) {
            return FileFormat.text;
        }
        Optional<FileFormat> known = FileFormat.of(start);
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
        String firstLine = start.stripLeading().lines().findFirst().orElse("");
        boolean hasHeader = !plain
                || request.task() != null
                || !request.columns().isEmpty()
                || ColumnRoles.isHeader(List.of(firstLine.split("[,\t]")));
        return !hasHeader ? FileFormat.text : firstLine.contains("\t") ? FileFormat.tsv : FileFormat.csv;
    }
}
