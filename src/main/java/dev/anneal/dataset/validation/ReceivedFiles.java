package dev.anneal.dataset.validation;

import dev.anneal.dataset.upload.UploadDirectory;
import dev.anneal.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The files of datasets that are validated, in a directory for each. They survive the process that received them. */
@Component
public class ReceivedFiles {
    private static final Logger log = LoggerFactory.getLogger(ReceivedFiles.class);
    private static final String ALL = "datasets";

    /** Moves a received file to its place. */
    public interface Move {
        void to(Path file) throws IOException;
    }

    private final UploadDirectory directory;

    ReceivedFiles(UploadDirectory directory) {
        this.directory = directory;
    }

    /** Keeps the files of a dataset. The dataset has a row by now: files of others are removed. */
    List<Path> keep(String dataset, List<Move> files) throws IOException {
        Path own = directory.directory(ALL + "/" + dataset);
        List<Path> kept = new ArrayList<>();
        for (Move file : files) {
            Path path = own.resolve(String.valueOf(kept.size()));
            file.to(path);
            kept.add(path);
        }
        return kept;
    }

    /** Returns the directory of a dataset, in which files of an earlier attempt may be. */
    public Path of(String dataset) throws IOException {
        return directory.directory(ALL + "/" + dataset);
    }

    /** Returns the files of a dataset if all of them are here, in full. */
    Optional<List<Path>> find(String dataset, Received received) {
        Path own = directory.file(ALL).resolve(dataset);
        List<Path> found = new ArrayList<>();
        for (Received.File file : received.files()) {
            Path path = own.resolve(String.valueOf(found.size()));
            try {
                if (!Files.isReadable(path) || Files.size(path) != file.sizeBytes()) {
                    return Optional.empty();
                }
            } catch (IOException gone) {
                return Optional.empty();
            }
            found.add(path);
        }
        return Optional.of(found);
    }

    /** Forces the files of a dataset to the disk, so that a loss of power does not lose them. */
    public void force(String dataset) throws IOException {
        Path own = directory.file(ALL).resolve(dataset);
        try {
            if (Files.exists(own)) {
                DurableFiles.force(own);
                DurableFiles.forceOne(directory.file(ALL));
            }
        } catch (IOException | UncheckedIOException e) {
            if (Files.exists(own)) { // else the dataset was validated meanwhile
                throw e;
            }
        }
    }

    public void delete(String dataset) {
        try {
            DurableFiles.delete(directory.file(ALL).resolve(dataset));
        } catch (IOException next) { // the sweep tries again, or another process removed them
            log.debug("cannot remove the files of {}: {}", dataset, next.getMessage());
        }
    }

    /**
     * Removes the files of datasets that are not validated any more.
     *
     * @param validating returns those of some datasets that are
     */
    void sweep(Function<List<String>, List<String>> validating) {
        List<String> kept;
        try (Stream<Path> directories = Files.list(directory.directory(ALL))) {
            kept = directories.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            log.warn("cannot list the received files: {}", e.getMessage());
            return;
        }
        if (!kept.isEmpty()) {
            List<String> needed = validating.apply(kept);
            kept.stream().filter(dataset -> !needed.contains(dataset)).forEach(this::delete);
        }
    }
}
