package dev.anneal.model;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Where imports keep what they have fetched until it is a model: a directory for each, which outlives the server. */
@Component
class ImportWorkspaces {
    private static final Logger log = LoggerFactory.getLogger(ImportWorkspaces.class);
    private static final String ALL = "imports";

    private final DataDirectory data;

    ImportWorkspaces(DataDirectory data) {
        this.data = data;
    }

    /** Only what belongs to the commit: its revision may have stood for another at an earlier try. */
    Path of(String workspace, String commit) throws IOException {
        Path directory = data.directory(ALL + "/" + workspace + "/" + commit);
        try (var commits = Files.list(directory.getParent())) {
            for (Path other : commits.filter(path -> !path.equals(directory)).toList()) {
                FileSystemUtils.deleteRecursively(other);
            }
        }
        return directory;
    }

    void remove(String workspace) {
        try {
            FileSystemUtils.deleteRecursively(data.file(ALL + "/" + workspace));
        } catch (IOException e) {
            log.warn("cannot remove what was fetched for {}", workspace, e);
        }
    }

    /** What imports left behind that were deleted while no server looked. */
    void removeAbandoned(Predicate<String> isWorkspace) {
        try (var directories = Files.list(data.directory(ALL))) {
            for (Path directory : directories.toList()) {
                String name = directory.getFileName().toString();
                if (!isWorkspace.test(name)) {
                    remove(name);
                }
            }
        } catch (IOException e) {
            log.warn("cannot tidy up the imports", e);
        }
    }
}
