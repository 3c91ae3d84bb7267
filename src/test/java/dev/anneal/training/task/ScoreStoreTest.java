package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreStoreTest {
    @TempDir
    Path directory;

    @Test
    void scoresAreTheSameInMemoryAndInAFileOfSeveralParts() throws IOException {
        ScoreStore inMemory = ScoreStore.of(100, 7, directory, 100_000, 300);
        ScoreStore inFile = ScoreStore.of(100, 7, directory, 0, 300);
        for (int row = 99; row >= 0; row--) {
            float[] scores = new float[7];
            for (int label = 0; label < 7; label++) {
                scores[label] = row + label / 10f;
            }
            inMemory.put(row, scores);
            inFile.put(row, scores);
        }
        for (int row = 0; row < 100; row++) {
            for (int label = 0; label < 7; label++) {
                assertThat(inMemory.at(row, label)).isEqualTo(row + label / 10f);
                assertThat(inFile.at(row, label)).isEqualTo(row + label / 10f);
            }
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).as("the file has no name any more").isEmpty();
        }
    }

    @Test
    void aRowOfSeveralExamplesHasTheirMean() {
        ScoreStore each = ScoreStore.of(4, 1, directory);
        float[] scores = {1, 2, 6, 5};
        for (int i = 0; i < 4; i++) {
            each.put(i, new float[] {scores[i]});
        }

        RowScores rows = new RowScores(each, new int[] {0, 3});

        assertThat(rows.rows()).isEqualTo(2);
        assertThat(rows.at(0, 0)).isEqualTo(3);
        assertThat(rows.at(1, 0)).isEqualTo(5);
    }

    @Test
    void noRowsNeedNoRoom() {
        assertThat(ScoreStore.of(0, 3, directory).rows()).isZero();
    }
}
