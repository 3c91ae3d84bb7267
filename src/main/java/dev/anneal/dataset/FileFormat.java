package dev.anneal.dataset;

import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatus;

/** The formats that an upload may have, told by the name of the file, else by its first line. */
enum FileFormat {
    csv,
    tsv,
    jsonl;

    /** Looks at the beginning of the stream, which must support mark, and leaves it where it was. */
    static FileFormat of(String fileName, InputStream in) throws IOException {
        in.mark(4096);
        String start = new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1);
        in.reset();
        if (start.isEmpty()) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        if (start.startsWith("PK\3\4") || start.startsWith("\37\u008b") || start.startsWith("PAR1")) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_format",
                    "The file is compressed or Parquet; send plain CSV, TSV or JSONL.");
        }
        String name = fileName.toLowerCase();
        if (name.endsWith(".csv")) {
            return csv;
        }
        if (name.endsWith(".tsv")) {
            return tsv;
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return jsonl;
        }
        String firstLine = start.stripLeading().lines().findFirst().orElse("").replace("\u00ef\u00bb\u00bf", "");
        return firstLine.startsWith("{") ? jsonl : firstLine.contains("\t") ? tsv : csv;
    }
}
