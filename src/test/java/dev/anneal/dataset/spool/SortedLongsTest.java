package dev.anneal.dataset.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortedLongsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5_000, 1 << 20, (1 << 20) + 1, 3_500_000})
    void longsAreSortedAlsoIfTheyDoNotFitIntoMemory(int count) throws IOException {
        long[] expected = new Random(7).longs(count, 0, Long.MAX_VALUE).toArray();
        long[] sorted = new long[count];
        int[] size = {0};
        try (SortedLongs longs = new SortedLongs(directory)) {
            for (long value : expected) {
                longs.add(value);
            }
            longs.forEach(value -> sorted[size[0]++] = value);
        }

        Arrays.sort(expected);
        assertThat(size[0]).isEqualTo(count);
        assertThat(Arrays.equals(sorted, expected)).isTrue();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
