package dev.anneal.dataset.file;

import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;

/** What reading a file from end to end found out. */
public record DatasetParser(
        String format,
        DatasetTask task,
        Map<String, String> columns,
        long rowCount,
        long sizeBytes,
        String sha256,
        RowProblems problems) {
    /** Takes the good rows, one at a time. */
    public interface Sink {
        void add(Row row) throws IOException;
    }

    /** Streams the file through the checks; only one row is in memory at a time. */
    public static DatasetParser read(InputStream upload, UploadRequest request, int maxText, Sink sink)
            throws IOException {
        MessageDigest digest = Sha256.digest();
        Counting counted = new Counting(new DigestInputStream(upload, digest));
        InputStream in = new BufferedInputStream(counted, 1 << 16);
        FileFormat format = FileFormat.of(request, in);
        RowProblems problems = new RowProblems();
        // A row may hold two texts and some more columns; beyond that nobody means a row.
        Utf8Reader reader = new Utf8Reader(in, 16L * Math.max(maxText, 1_000_000));
        ColumnRoles.Resolved roles = new ColumnRoles.Resolved(
                request.task() == null ? DatasetTask.TEXT_CLASSIFICATION : request.task(), Map.of());
        long number = 0;
        long lastLine = 0;
        try {
            RowReader rows = RowReader.of(format, reader);
            RowChecker checker = null;
            for (RawRow raw = rows.next(); raw != null; raw = rows.next()) {
                lastLine = raw.lastLine();
                if (rows.columns().isEmpty()) { // the first lines of JSONL, before a good one named the columns
                    number++;
                    problems.add(raw.line(), null, raw.code(), raw.message());
                    continue;
                }
                if (checker == null) {
                    roles = ColumnRoles.resolve(format, rows.columns(), request, raw);
                    checker = new RowChecker(
                            roles.columns(), maxText, problems, format == FileFormat.csv || format == FileFormat.tsv);
                }
                Row row = checker.check(++number, raw, reader.bad(raw.line(), raw.lastLine()));
                if (row != null) {
                    sink.add(row);
                }
            }
            if (number == 0) {
                ColumnRoles.resolve(format, rows.columns(), request, null);
                throw Problem.unprocessable(
                        "no_rows",
                        format == FileFormat.csv || format == FileFormat.tsv
                                ? "The file has a header, but no row."
                                : "The file has no row.");
            }
        } catch (Utf8Reader.RowTooLong | org.apache.commons.csv.CSVException e) {
            problems.add(lastLine + 1, null, "unreadable_row", "Reading ended here: " + e.getMessage() + ".");
        }
        in.transferTo(OutputStream.nullOutputStream());
        return new DatasetParser(
                format.name(), roles.task(), roles.columns(), number, counted.count, Sha256.hex(digest), problems);
    }

    private static final class Counting extends java.io.FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int n = super.read(bytes, from, length);
            count += Math.max(n, 0);
            return n;
        }
    }
}
