package dev.anneal.training.forgetting;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The general English text that comes with the program: short paragraphs on many things, and pairs of sentences. */
public final class GeneralText {
    private GeneralText() {}

    /** Returns the paragraphs. */
    public static List<String> paragraphs() {
        return lines("/forgetting/texts.txt");
    }

    /** Returns pairs of sentences: some with the same meaning, some with the same words, some with nothing in common. */
    public static List<List<String>> pairs() {
        return lines("/forgetting/pairs.tsv").stream()
                .map(line -> List.of(line.split("\t")))
                .toList();
    }

    private static List<String> lines(String resource) {
        try (InputStream in = Objects.requireNonNull(GeneralText.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
