package dev.anneal.testing;

import java.nio.file.Path;

/** Inputs that failed once, after public complaints about comparable tools. Their README has the right answers. */
public final class Cases {
    public static final Path DIRECTORY = Path.of("src/test/resources/cases");

    private Cases() {}

    public static Path of(String file) {
        return DIRECTORY.resolve(file);
    }
}
