package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines of rows, each with its file, as one number: bits for the line, one that says whether the line does not tell the row, and
 * above them bits for the file. They are kept with the rows, by whose numbers problems are reported.
 */
final class Places {
    private static final int LINE_BITS = 40;
    private static final long IS_ELEMENT = 1L << (LINE_BITS - 1);
    private static final long LINES = IS_ELEMENT - 1;

    /** A zip may have a file for each row. The names of files are not kept beyond so many, and so many characters. */
    private static final int MAX_FILES = 1 << 17;

    private static final int MAX_CHARACTERS = 1 << 22;

    /** The files in their order. The first is none, for a dataset of a single file. */
    private final List<String> files = new ArrayList<>(List.of(""));

    /** The number of rows before a file whose rows are elements of a JSON array, by the file. Each of two files of one name has its own. */
    private final Map<Integer, Long> before = new HashMap<>();

    private final Duplicates rows;
    private final Sides sides;
    private int characters;

    Places(Duplicates rows, Sides sides) {
        this.rows = rows;
        this.sides = sides;
    }

    long of(Row row) {
        String file = row.file();
        if (file == null) {
            return place(0, row);
        }
        if (!files.get(files.size() - 1).equals(file) || isOfNextFile(row)) {
            if (files.size() == MAX_FILES || characters + file.length() > MAX_CHARACTERS) {
                return row.line();
            }
            files.add(file);
            characters += file.length();
        }
        return place(files.size() - 1, row);
    }

    /** Returns whether a row belongs to another file than the row before, although both files have the same name. */
    private boolean isOfNextFile(Row row) {
        Long known = before.get(files.size() - 1);
        return row.element() > 0 && known != null && known != row.number() - row.element();
    }

    private long place(int file, Row row) {
        if (row.element() > 0) {
            before.put(file, row.number() - row.element());
        }
        return (long) file << LINE_BITS | (row.element() > 0 ? IS_ELEMENT : 0) | row.line();
    }

    /** Returns the place of a row in its JSON array, or 0 if its line tells which row it is. */
    private long element(long place, int number) {
        return (place & IS_ELEMENT) == 0 ? 0 : number - before.getOrDefault((int) (place >>> LINE_BITS), 0L);
    }

    /** Returns the place of a row in words, or its number in the dataset if the words would be the same for another row. */
    String text(int number, int other) throws IOException {
        String words = text(number);
        return words.equals(text(other)) ? "row " + number : words;
    }

    /** Returns words such as line 3, line 3 of 'train.csv', or row 3 if all are on one line. */
    String text(int number) throws IOException {
        long place = rows.line(number);
        String file = file(place);
        long element = element(place, number);
        String line = element > 0 ? "row " + element : "line " + (place & LINES);
        return file == null ? line : line + " of '" + Problem.quote(file) + "'";
    }

    /** Adds a warning about a row. Returns false if the row is left out, so that there is none. */
    boolean warn(RowProblems problems, int number, @Nullable String column, String code, String message)
            throws IOException {
        if (sides.isLeftOut(number)) {
            return false;
        }
        long place = begin(problems, number);
        problems.warn(place & LINES, column, code, message);
        end(problems);
        return true;
    }

    /** Adds a warning about a row that is like another one. It has the number of the row if that is what {@link #text} returns. */
    void warn(RowProblems problems, int number, int other, @Nullable String column, String code, String message)
            throws IOException {
        if (sides.isLeftOut(number)) {
            return;
        }
        long place = begin(problems, number);
        if (text(number).equals(text(other))) {
            problems.at(number);
        }
        problems.warn(place & LINES, column, code, message);
        end(problems);
    }

    void error(RowProblems problems, int number, @Nullable String column, String code, String message)
            throws IOException {
        long place = begin(problems, number);
        problems.add(place & LINES, column, code, message);
        end(problems);
    }

    private long begin(RowProblems problems, int number) throws IOException {
        long place = rows.line(number);
        problems.in(file(place));
        problems.of((long) number);
        problems.at(element(place, number));
        return place;
    }

    private static void end(RowProblems problems) {
        problems.in(null);
        problems.of(null);
        problems.at(0);
    }

    /** Returns the sum of counts of rows that are not left out. */
    long sum(BitCounts counts) {
        return counts.sum(sides.leftOut());
    }

    private @Nullable String file(long place) {
        String file = files.get((int) (place >>> LINE_BITS));
        return file.isEmpty() ? null : file;
    }
}
