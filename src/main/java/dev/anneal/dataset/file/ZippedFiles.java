package dev.anneal.dataset.file;

import dev.anneal.dataset.format.ZipContents;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files in a zip that are read one after another: those with the suffix of a format, and those that have a label. */
final class ZippedFiles {
    /** Receives the files in their order. */
    interface Reader {
        void read(UploadedFile file) throws IOException;
    }

    private static final int MAX_FILES = 100;
    private static final String UNREAD = "unread_file";

    private final Path zip;
    private final ZipContents contents;
    private final @Nullable String split;
    private final UnpackLimit limit;

    ZippedFiles(Path zip, ZipContents contents, @Nullable String split, UnpackLimit limit) {
        this.zip = zip;
        this.contents = contents;
        this.split = split;
        this.limit = limit;
    }

    void read(LabelOptions labels, RowProblems problems, Reader reader) throws IOException {
        List<String> names = new ArrayList<>(contents.files());
        contents.others().stream().filter(labels.byFile()::containsKey).forEach(names::add);
        if (names.isEmpty()) {
            throw Problem.unprocessable(
                    "no_rows",
                    "The zip has no dataset in it. Zip files such as .csv, .jsonl or .parquet, or texts (.txt) in a folder for"
                            + " each label.");
        }
        if (contents.count() > MAX_FILES) {
            throw Problem.unprocessable(
                    "too_many_files",
                    "The zip has %,d files, which is more than %,d. Join them.".formatted(contents.count(), MAX_FILES));
        }
        for (String other : contents.others()) {
            if (!names.contains(other)) {
                problems.in(other);
                problems.warn(null, null, UNREAD, "The file is not a dataset, so it is not read.");
            }
        }
        problems.countWarnings(UNREAD, contents.otherCount() - contents.others().size());
        // Names of splits count if all files have one.
        boolean areSplits = names.stream().allMatch(name -> ZipContents.split(name) != null);
        try (ZipStream entries = new ZipStream(zip, limit)) { // one pass: unpacking may take long
            for (String name = entries.next(); name != null; name = entries.next()) {
                if (names.contains(name)) {
                    String own = split != null || !areSplits ? split : ZipContents.split(name);
                    reader.read(new UploadedFile(name, own, entries::content));
                }
            }
        }
    }
}
