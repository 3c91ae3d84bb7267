package dev.anneal.dataset.check;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.file.RowProblems;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lines of rows, each with its file, as one number: bits for the line, and above them bits for the file. */
final class Places {
    private static final int LINE_BITS = 40;
    private static final long LINES = (1L << LINE_BITS) - 1;

    /** A zip may have a file for each row. The names of files beyond so many are not kept. */
    private static final int MAX_FILES = 1 << 20;

    /** Returns the number of the row at a place, 0 if there is none. */
    interface Numbers {
        int of(long place) throws IOException;
    }

    private final Numbers numbers;

    /** The files in their order. The first is none, for a dataset of a single file. */
    private final List<String> files = new ArrayList<>(List.of(""));

    Places(Numbers numbers) {
        this.numbers = numbers;
    }

    long of(Row row) {
        String file = row.file();
        if (file == null || files.size() == MAX_FILES) {
            return row.line();
        }
        if (!files.get(files.size() - 1).equals(file)) {
            files.add(file);
        }
        return (long) (files.size() - 1) << LINE_BITS | row.line();
    }

    /** Returns a place in words, such as line 3, or line 3 of 'train.csv'. */
    String text(long place) {
        String file = file(place);
        String line = "line " + (place & LINES);
        return file == null ? line : line + " of '" + Problem.quote(file) + "'";
    }

    void warn(RowProblems problems, long place, @Nullable String column, String code, String message) {
        begin(problems, place);
        problems.warn(place & LINES, column, code, message);
        end(problems);
    }

    void error(RowProblems problems, long place, @Nullable String column, String code, String message) {
        begin(problems, place);
        problems.add(place & LINES, column, code, message);
        end(problems);
    }

    private void begin(RowProblems problems, long place) {
        problems.in(file(place));
        try {
            int number = numbers.of(place);
            problems.of(number == 0 ? null : (long) number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(RowProblems problems) {
        problems.in(null);
        problems.of(null);
    }

    private @Nullable String file(long place) {
        String file = files.get((int) (place >>> LINE_BITS));
        return file.isEmpty() ? null : file;
    }
}
