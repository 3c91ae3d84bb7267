package dev.anneal.dataset.upload;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** The directory of received files: inside the data directory, or one that several servers share. */
@Component
public class UploadDirectory {
    private final Path root;

    UploadDirectory(ResumableSettings settings, DataDirectory data) {
        this.root = settings.directory().isBlank()
                ? data.file("uploads")
                : Path.of(settings.directory()).toAbsolutePath().normalize();
    }

    /** Returns a path below it. */
    public Path file(String name) {
        return root.resolve(name);
    }

    /** Returns a directory below it, which is created if needed. */
    public Path directory(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + root.resolve(name), e);
        }
    }
}
