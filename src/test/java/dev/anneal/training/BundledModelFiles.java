package dev.anneal.training;

import dev.anneal.model.BundledModel;
import java.nio.file.Path;

/** Writes the bundled model into a directory, for benchmarks: {@code BundledModelFiles <directory>}. */
final class BundledModelFiles {
    private BundledModelFiles() {}

    public static void main(String[] arguments) throws Exception {
        BundledModel.write(Path.of(arguments[0]));
    }
}
