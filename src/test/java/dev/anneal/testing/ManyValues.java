package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares files and arrays as large as the weights of a model, for which AssertJ's comparisons take seconds. */
public final class ManyValues {
    private ManyValues() {}

    /** Asserts that two files have the same bytes. */
    public static void assertSameBytes(Path found, Path expected) throws IOException {
        assertThat(Files.mismatch(found, expected))
                .as("the first byte of %s that differs from %s", found, expected)
                .isEqualTo(-1);
    }

    /** Asserts that no number differs by more than the most. */
    public static void assertClose(float[] found, float[] expected, float most, String name) {
        assertThat(found.length).as(name).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) <= most)) {
                assertThat(found[i]).as("%s, number %d", name, i).isCloseTo(expected[i], within(most));
            }
        }
    }
}
