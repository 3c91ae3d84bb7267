package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackingTest {
    /** Jobs that resume were packed so, by earlier versions too. */
    @ParameterizedTest
    @CsvSource({"1,64", "2,64", "500,64", "500,2000", "3000,128"})
    void eachTextGoesToTheFullestRowThatHasRoomForIt(int count, int maxLength) {
        int[] texts =
                new Random(count).ints(count, 0, Math.min(maxLength, 90) + 1).toArray();
        List<List<Integer>> expected = byLists(texts, maxLength, new SplittableRandom(5));

        Packing packing = Packing.of(texts, maxLength, new SplittableRandom(5));

        assertThat(packing.lengths()).hasSize(expected.size());
        for (int row = 0; row < expected.size(); row++) {
            assertThat(packing.texts(row))
                    .containsExactly(expected.get(row).stream().mapToInt(i -> i).toArray());
            assertThat(packing.lengths()[row])
                    .isEqualTo(
                            IntStream.of(packing.texts(row)).map(i -> texts[i]).sum());
        }
    }

    private static List<List<Integer>> byLists(int[] texts, int maxLength, SplittableRandom random) {
        List<List<Integer>> rows = new ArrayList<>();
        TreeMap<Integer, List<List<Integer>>> open = new TreeMap<>();
        for (int text : LengthBuckets.shuffled(texts.length, random)) {
            Map.Entry<Integer, List<List<Integer>>> fitting = open.ceilingEntry(texts[text]);
            List<Integer> row;
            int room;
            if (fitting == null) {
                row = new ArrayList<>();
                rows.add(row);
                room = maxLength;
            } else {
                room = fitting.getKey();
                row = fitting.getValue().remove(fitting.getValue().size() - 1);
                if (fitting.getValue().isEmpty()) {
                    open.remove(room);
                }
            }
            row.add(text);
            open.computeIfAbsent(room - texts[text], r -> new ArrayList<>()).add(row);
        }
        return rows;
    }
}
