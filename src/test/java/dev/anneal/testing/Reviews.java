package dev.anneal.testing;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

/** Rows of the movie reviews that come with the project. */
public final class Reviews {
    private Reviews() {}

    /** Returns the header and the first so many reviews, as CSV. */
    public static byte[] csv(int rows) {
        try {
            List<String> lines = Files.readAllLines(Path.of("examples/movie-reviews.csv"));
            return (String.join("\n", lines.subList(0, rows + 1)) + "\n").getBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the texts of the first so many reviews. */
    public static List<String> texts(int rows) {
        try (CSVParser reviews =
                CSVFormat.DEFAULT.builder().setHeader().get().parse(new StringReader(new String(csv(rows))))) {
            return reviews.stream().map(review -> review.get("text")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
