package dev.anneal.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Rows of the movie reviews that come with the project. */
public final class Reviews {
    private Reviews() {}

    /** The header and the first so many reviews, as CSV. */
    public static byte[] csv(int rows) {
        try {
            List<String> lines = Files.readAllLines(Path.of("examples/movie-reviews.csv"));
            return (String.join("\n", lines.subList(0, rows + 1)) + "\n").getBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
