package dev.anneal.dataset.check;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts the rows for evaluation that have the text of a row for training, if these are in files of JSON lines. */
public final class SharedTexts {
    private SharedTexts() {}

    /**
     * Returns how many rows for evaluation have the text of a row for training. Texts are compared as in the check of a dataset, but
     * almost equal ones are not searched: that would keep the training of large datasets waiting.
     *
     * @param directory for temporary files
     */
    public static long count(Path training, Path evaluation, Path directory) throws IOException {
        Sides sides = new Sides();
        long[] count = {0};
        try (Duplicates texts = new Duplicates(directory, new CheckOptions(false, 1))) {
            int number = add(training, 0, texts);
            int last = add(evaluation, number, texts);
            while (number < last) {
                sides.evaluate(++number);
            }
            texts.find(sides, EnumSet.of(Duplicates.Kind.LEAKAGE), (kind, row, other, similarity) -> count[0]++);
        }
        return count[0];
    }

    /** Adds the rows of a file after those with numbers. Returns the number of the last one. */
    private static int add(Path file, int before, Duplicates texts) throws IOException {
        int number = before;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode row = Json.MAPPER.readTree(line);
                number = Math.addExact(number, 1);
                texts.add(number, number, RowTexts.of((ObjectNode) row), null);
            }
        }
        return number;
    }
}
