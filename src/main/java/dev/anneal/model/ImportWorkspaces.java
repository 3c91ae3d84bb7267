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

/** The directories in which imports keep downloaded files until the model is stored. They survive restarts. */
@Component
class ImportWorkspaces {
    private static final Logger log = LoggerFactory.getLogger(ImportWorkspaces.class);
    private static final String ALL = "imports";

    private final DataDirectory data;

    ImportWorkspaces(DataDirectory data) {
        this.data = data;
    }

    /** Returns the directory for a commit and deletes those of other commits, which an earlier attempt may have left. */
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
            log.warn("cannot delete the downloaded files of {}", workspace, e);
        }
    }

    /** Deletes workspaces whose imports no longer exist. */
    void removeAbandoned(Predicate<String> isWorkspace) {
        try (var directories = Files.list(data.directory(ALL))) {
            for (Path directory : directories.toList()) {
                String name = directory.getFileName().toString();
                if (!isWorkspace.test(name)) {
                    remove(name);
                }
            }
        } catch (IOException e) {
            log.warn("cannot delete the files of abandoned imports", e);
        }
    }
}
