package dev.anneal.dataset.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedStringsTest {
    private static final int COUNT = 200_000; // twice what is kept in memory

    @TempDir
    Path directory;

    @Test
    void stringsBeyondTheFirstMegabytesAreReadBackFromFilesThatAreDeleted() throws IOException {
        try (SharedStrings strings = new SharedStrings(directory)) {
            for (int i = 0; i < COUNT; i++) {
                strings.add("text é " + i);
            }

            assertThat(files()).isEqualTo(2);
            for (int i : new int[] {0, 1, COUNT / 2, COUNT - 1, 7, COUNT - 1, COUNT - 2_000}) {
                assertThat(strings.get(i)).isEqualTo("text é " + i);
            }
            assertThat(strings.get(COUNT)).isNull();
            assertThat(strings.get(-1)).isNull();
        }
        assertThat(files()).isZero();
    }

    @Test
    void fewStringsNeedNoFile() throws IOException {
        try (SharedStrings strings = new SharedStrings(directory)) {
            strings.add("");
            strings.add("b");

            assertThat(strings.get(0)).isEmpty();
            assertThat(strings.get(1)).isEqualTo("b");
            assertThat(strings.get(2)).isNull();
            assertThat(files()).isZero();
        }
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
