package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.RowReader;
import dev.anneal.dataset.format.UnreadableRow;
import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;

/** The result of parsing a file: its format, task, columns and size, and the problems of its rows. */
public record DatasetParser(
        String format,
        DatasetTask task,
        Map<String, String> columns,
        long rowCount,
        long sizeBytes,
        String sha256,
        RowProblems problems) {
    /** Receives the good rows, one at a time. */
    public interface Sink {
        void add(Row row) throws IOException;
    }

    /** Parses and checks the file, with one row in memory at a time. */
    public static DatasetParser parse(InputStream upload, UploadRequest request, int maxText, Sink sink)
            throws IOException {
        MessageDigest digest = Sha256.digest();
        Counting counted = new Counting(new DigestInputStream(upload, digest));
        InputStream in = new BufferedInputStream(counted, 1 << 16);
        FileFormat format = FormatDetector.detect(request, in);
        RowProblems problems = new RowProblems();
        ColumnRoles.Resolved roles = new ColumnRoles.Resolved(
                request.task() == null ? DatasetTask.TEXT_CLASSIFICATION : request.task(), Map.of());
        long number = 0;
        try {
            // Enough for two texts and some more columns.
            RowReader rows = format.open(in, 16L * Math.max(maxText, 1_000_000));
            RowChecker checker = null;
            for (RawRow raw = rows.next(); raw != null; raw = rows.next()) {
                if (rows.columns().isEmpty()
                        && raw.fault() != null) { // before the first good row, which names the columns
                    number++;
                    problems.add(raw.line(), raw.fault());
                    continue;
                }
                if (checker == null) {
                    roles = ColumnRoles.resolve(format, rows.columns(), request, raw);
                    checker = new RowChecker(roles.columns(), maxText, problems, format.isDelimited());
                }
                Row row = checker.check(++number, raw);
                if (row != null) {
                    sink.add(row);
                }
            }
            if (number == 0) {
                if (!rows.columns().isEmpty()) {
                    ColumnRoles.resolve(format, rows.columns(), request, null);
                }
                throw Problem.unprocessable(
                        "no_rows",
                        format.isDelimited()
                                ? "The file has a header but no rows. Add at least one row."
                                : "The file has no rows. Add at least one row.");
            }
        } catch (UnreadableRow e) {
            problems.add(e.line(), null, "unreadable_row", e.getMessage() + " Reading stopped here.");
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
