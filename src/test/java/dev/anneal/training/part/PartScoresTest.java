package dev.anneal.training.part;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartScoresTest {
    @TempDir
    Path directory;

    private static float[] scores(int example) {
        return new float[] {example, -example, 0.5f};
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        PartScores.Writer writer = new PartScores.Writer(directory, "fold-1", 50, 3);
        for (int example = 49; example >= 0; example--) {
            writer.put(example, scores(example));
        }
        writer.finish(7, Map.of("accuracy", 0.5));

        PartScores read = Objects.requireNonNull(PartScores.read(directory, "fold-1", 7));

        assertThat(read.metrics()).isEqualTo(Map.of("accuracy", 0.5));
        for (int example = 0; example < 50; example++) {
            assertThat(read.of(example)).containsExactly(scores(example));
        }
        assertThat(PartScores.read(directory, "fold-1", 8)).as("another part").isNull();
    }

    /** The file is sparse, so it takes no space. */
    @Test
    void scoresMayTakeMoreThanOneBufferHas() throws IOException {
        PartScores.Writer writer = new PartScores.Writer(directory, "part-50", 60_000, 10_000);

        writer.put(59_999, new float[10_000]);

        assertThat(directory.resolve("part-50.bin")).hasSize(2_400_000_000L);
    }
}
