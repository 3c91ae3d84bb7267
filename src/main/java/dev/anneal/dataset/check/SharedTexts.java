package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts the rows for evaluation that have the text of a row for training, if these are in files of JSON lines. */
public final class SharedTexts {
    private SharedTexts() {}

    /**
     * Returns how many rows of each file for evaluation have the text of a row for training. Texts are compared as in the check of a
     * dataset, but almost equal ones are not searched: that would keep the training of large datasets waiting.
     *
     * @param directory for temporary files
     * @param check called for each row; throws if the result is not needed any more
     */
    public static long[] count(Path training, List<Path> evaluations, Path directory, Runnable check)
            throws IOException {
        Sides sides = new Sides();
        int[] ends = new int[evaluations.size()]; // the last row of each file
        long[] counts = new long[evaluations.size()];
        try (Duplicates texts = new Duplicates(directory, new CheckOptions(false, 1))) {
            int number = add(training, 0, texts, check);
            for (int file = 0; file < ends.length; file++) {
                ends[file] = add(evaluations.get(file), number, texts, check);
                while (number < ends[file]) {
                    sides.evaluate(++number);
                }
            }
            texts.find(sides, EnumSet.of(Duplicates.Kind.LEAKAGE), (kind, row, other, similarity) -> {
                int file = 0;
                while (row > ends[file]) {
                    file++;
                }
                counts[file]++;
            });
        }
        return counts;
    }

    /** Adds the rows of a file after those with numbers. Returns the number of the last one. */
    private static int add(Path file, int before, Duplicates texts, Runnable check) throws IOException {
        int number = before;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                check.run();
                JsonNode row = Json.MAPPER.readTree(line);
                number = Math.addExact(number, 1);
                texts.add(number, number, RowTexts.of((ObjectNode) row), null);
            }
        }
        return number;
    }
}
