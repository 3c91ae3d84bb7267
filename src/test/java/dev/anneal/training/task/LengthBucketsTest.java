package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LengthBucketsTest {
    private static final int BATCH = 8;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 100, 5000})
    void eachExampleIsInOneBatch(int size) {
        List<int[]> batches = batches(size, 1);

        assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, size).toArray());
        assertThat(batches).hasSize((size + BATCH - 1) / BATCH);
        assertThat(batches.stream().mapToInt(batch -> batch.length)).allMatch(length -> length <= BATCH);
    }

    @ParameterizedTest
    @ValueSource(ints = {5000})
    void littleIsPaddedAndTheOrderFollowsFromTheSeed(int size) {
        int[] lengths = lengths(size);
        long padded = batches(size, 1).stream()
                .mapToLong(batch -> batch.length
                        * (long) Arrays.stream(batch).map(i -> lengths[i]).max().orElse(0))
                .sum();

        assertThat((double) padded).isLessThan(1.1 * Arrays.stream(lengths).sum());
        assertThat(batches(size, 1)).containsExactlyElementsOf(batches(size, 1));
        assertThat(batches(size, 1).get(0)).isNotEqualTo(batches(size, 2).get(0));
    }

    /** Jobs that resume were ordered so, by earlier versions too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 100, 5000})
    void theBatchesAreThoseOfAListThatIsCutAndShuffled(int size) {
        int[] lengths = lengths(size);
        SplittableRandom random = new SplittableRandom(3);
        int[] order = LengthBuckets.shuffled(size, random);
        int group = BATCH * Math.max(1, Math.min(50, size / (4 * BATCH)));
        List<int[]> expected = new ArrayList<>();
        for (int from = 0; from < size; from += group) {
            int[] sorted = LengthBuckets.sortedByLength(
                    Arrays.copyOfRange(order, from, Math.min(size, from + group)), lengths);
            for (int start = 0; start < sorted.length; start += BATCH) {
                expected.add(Arrays.copyOfRange(sorted, start, Math.min(sorted.length, start + BATCH)));
            }
        }
        for (int i = expected.size() - 1; i > 0; i--) {
            Collections.swap(expected, i, random.nextInt(i + 1));
        }

        assertThat(batches(size, 3)).containsExactlyElementsOf(expected);
    }

    private static List<int[]> batches(int size, long seed) {
        return LengthBuckets.batches(lengths(size), BATCH, new SplittableRandom(seed));
    }

    private static int[] lengths(int size) {
        return new Random(1).ints(size, 3, 128).toArray();
    }
}
