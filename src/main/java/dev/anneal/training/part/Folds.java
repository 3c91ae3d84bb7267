package dev.anneal.training.part;

import dev.anneal.evaluation.fold.StratifiedFolds;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The fold of each training row. The folds have about the same share of each label, or of low and high numbers. Rows of the same
 * group, or with the same text if they have no group, are in the same fold: the model of a fold must not know its rows.
 */
public final class Folds {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final int count;
    private final int[] ofRow;
    private final int[] ofExample;

    private Folds(int count, int[] ofRow, int[] ofExample) {
        this.count = count;
        this.ofRow = ofRow;
        this.ofExample = ofExample;
    }

    /**
     * Draws the folds.
     *
     * @param file the training rows
     * @param examples those of the rows, in the same order
     * @param remedy what to do if there are too few groups of rows
     */
    public static Folds of(Task task, ExampleFile file, Examples examples, int count, long seed, String remedy) {
        int[] rows = examples.rows();
        int number = rows.length == 0 ? 0 : 1 + rows[rows.length - 1];
        long[] units = new long[number];
        int[] next = {0};
        file.forEach(row -> units[next[0]++] = unit(row));
        int[] strata = task == Task.TEXT_REGRESSION ? ranges(file, number, count) : labels(file, number);
        int[] ofRow = StratifiedFolds.of(strata, units, count, seed);
        Set<Integer> used = new HashSet<>();
        Arrays.stream(ofRow).forEach(used::add);
        if (used.size() < count) {
            throw new TrainingException(
                    "The training rows cannot be divided into %d parts: rows of the same group, or with the same text, stay together, and there are only %d groups. %s"
                            .formatted(count, used.size(), remedy));
        }
        return new Folds(
                count, ofRow, Arrays.stream(rows).map(row -> ofRow[row]).toArray());
    }

    private static long unit(JsonNode row) {
        boolean isGrouped = row.hasNonNull("group");
        long hash = FNV_OFFSET;
        for (String field : isGrouped ? List.of("group") : List.of("text", "text_pair")) {
            String value = row.path(field).asString("");
            for (int i = 0; i < value.length(); i++) {
                hash = (hash ^ value.charAt(i)) * FNV_PRIME;
            }
            hash = (hash ^ Character.MAX_VALUE) * FNV_PRIME; // ends a field
        }
        return hash;
    }

    /** Returns the label of each row. A row with several labels counts for the rarest one, which is the hardest to divide. */
    private static int[] labels(ExampleFile file, int rows) {
        Map<String, Integer> numbers = new HashMap<>();
        List<Integer> counts = new ArrayList<>();
        file.forEach(row -> names(row).forEach(name -> {
            int label = numbers.computeIfAbsent(name, key -> numbers.size());
            if (label == counts.size()) {
                counts.add(0);
            }
            counts.set(label, counts.get(label) + 1);
        }));
        int[] strata = new int[rows];
        int[] next = {0};
        file.forEach(row -> strata[next[0]++] = names(row).stream()
                .mapToInt(numbers::get)
                .boxed()
                .min(Comparator.<Integer>comparingInt(counts::get).thenComparingInt(label -> label))
                .orElse(numbers.size())); // no label
        return strata;
    }

    private static List<String> names(JsonNode row) {
        return row.has("labels")
                ? row.path("labels")
                        .valueStream()
                        .map(label -> label.asString(""))
                        .toList()
                : List.of(row.path("label").asString(""));
    }

    /** Returns the range of each row: the rows with the lowest numbers, as many as there are folds, are the first range, and so on. */
    private static int[] ranges(ExampleFile file, int rows, int folds) {
        long[] order = new long[rows]; // the score, in bits that sort as it does, and the row
        int[] next = {0};
        file.forEach(row -> {
            int bits = Float.floatToIntBits(row.path("score").floatValue());
            order[next[0]] = (long) (bits ^ bits >> 31 & Integer.MAX_VALUE) << 32 | next[0];
            next[0]++;
        });
        Arrays.sort(order);
        int[] strata = new int[rows];
        for (int place = 0; place < rows; place++) {
            strata[(int) order[place]] = place / folds;
        }
        return strata;
    }

    public int count() {
        return count;
    }

    /** Returns the fold of a row. Rows and folds are counted from 0. */
    public int of(int row) {
        return ofRow[row];
    }

    /** Returns the fold of an example. */
    public int ofExample(int example) {
        return ofExample[example];
    }

    /** Returns the place of each example in its fold. */
    public int[] places() {
        int[] next = new int[count];
        return Arrays.stream(ofExample).map(fold -> next[fold]++).toArray();
    }

    /** Returns the numbers of the examples of a fold. */
    public int[] inside(int fold) {
        return IntStream.range(0, ofExample.length)
                .filter(example -> ofExample[example] == fold)
                .toArray();
    }
}
