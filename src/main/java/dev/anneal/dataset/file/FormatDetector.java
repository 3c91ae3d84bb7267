package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
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
        String name = request.fileName().toLowerCase();
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        return FileFormat.ofSuffix(suffix)
                .orElseGet(() -> byStart(start.replace("\u00ef\u00bb\u00bf", ""), suffix, request));
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
        String firstLine = start.stripLeading().lines().findFirst().orElse("");
        boolean hasHeader = !plain
                || request.task() != null
                || !request.columns().isEmpty()
                || ColumnRoles.isHeader(List.of(firstLine.split("[,\t]")));
        return !hasHeader ? FileFormat.text : firstLine.contains("\t") ? FileFormat.tsv : FileFormat.csv;
    }
}
