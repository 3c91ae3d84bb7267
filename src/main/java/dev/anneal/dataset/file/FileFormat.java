package dev.anneal.dataset.file;

import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpStatus;

/** The formats that an upload may have, told by the name of the file, else by how it begins. */
enum FileFormat {
    csv,
    tsv,
    jsonl,
    conll,
    text;

    private static final int START = 4096;

    /** Looks at the beginning of the stream, which must support mark, and leaves it where it was. */
    static FileFormat of(UploadRequest request, InputStream in) throws IOException {
        in.mark(START);
        String start = new String(in.readNBytes(START), StandardCharsets.ISO_8859_1);
        in.reset();
        if (start.isEmpty()) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        if (start.startsWith("PK\3\4") || start.startsWith("\37\u008b") || start.startsWith("PAR1")) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is compressed or Parquet; send it plain, as CSV, TSV, JSONL, CoNLL or text.");
        }
        String name = request.fileName().toLowerCase();
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        return switch (suffix) {
            case "csv" -> csv;
            case "jsonl", "ndjson" -> jsonl;
            case "conll", "bio", "iob", "iob2" -> conll;
            default -> byStart(start.replace("\u00ef\u00bb\u00bf", ""), suffix, request);
        };
    }

    private static FileFormat byStart(String start, String suffix, UploadRequest request) {
        boolean plain = suffix.equals("txt") || suffix.equals("text");
        if (plain && request.task() != null && request.task().isLanguageModel()) {
            return text;
        }
        if (isConll(start) || plain && request.task() == DatasetTask.TOKEN_CLASSIFICATION) {
            return conll;
        }
        if (suffix.equals("tsv")) {
            return tsv;
        }
        String firstLine = start.stripLeading().lines().findFirst().orElse("");
        if (firstLine.startsWith("{")) {
            return jsonl;
        }
        boolean header = !plain
                || request.task() != null
                || !request.columns().isEmpty()
                || ColumnRoles.isHeader(List.of(firstLine.split("[,\t]")));
        return !header ? text : firstLine.contains("\t") ? tsv : csv;
    }

    /** Whether each line that is whole ends in a tag. */
    private static boolean isConll(String start) {
        List<String[]> lines = start.lines()
                .limit(
                        start.length() < START
                                ? Long.MAX_VALUE
                                : Math.max(1, start.lines().count() - 1))
                .filter(line -> !line.isBlank() && !line.startsWith("-DOCSTART-"))
                .map(ConllRows::fields)
                .filter(fields -> !ConllRows.isComment(fields))
                .toList();
        return !lines.isEmpty()
                && lines.stream().allMatch(fields -> fields.length > 1 && Tags.normal(fields[1]) != null);
    }
}
