package dev.anneal.cli.dataset;

import dev.anneal.cli.http.Multipart.FilePart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that name files whose rows have a split. */
final class SplitFiles {
    @Option(names = "--train", paramLabel = "FILE", description = "A file of rows for training.")
    private List<Path> train = List.of();

    @Option(names = "--validation", paramLabel = "FILE", description = "A file of rows for validation.")
    private List<Path> validation = List.of();

    @Option(names = "--test", paramLabel = "FILE", description = "A file of rows for the final test.")
    private List<Path> test = List.of();

    /** Returns these files after others, whose rows have no split. */
    List<FilePart> after(List<String> files) {
        List<FilePart> parts = new ArrayList<>();
        files.forEach(file -> parts.add(new FilePart("file", Path.of(file))));
        train.forEach(path -> parts.add(new FilePart("train", path)));
        validation.forEach(path -> parts.add(new FilePart("validation", path)));
        test.forEach(path -> parts.add(new FilePart("test", path)));
        return parts;
    }
}
