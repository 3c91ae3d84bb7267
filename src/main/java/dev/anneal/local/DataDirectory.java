package dev.anneal.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.springframework.stereotype.Component;

/** The directory that holds what a server keeps on disk: embedded Postgres, artifacts, work of running jobs, admin key. */
@Component
public class DataDirectory {
    private final Path root;

    DataDirectory(DataSettings settings) {
        this.root = settings.data().toAbsolutePath().normalize();
        directory("");
        try {
            // Everything below is readable by its owner only: keys, texts, weights.
            Files.setPosixFilePermissions(this.root, PosixFilePermissions.fromString("rwx------"));
        } catch (UnsupportedOperationException windows) {
            // such a file system has no permissions of this kind
        } catch (IOException e) {
            if (!Files.isWritable(this.root)) {
                throw new UncheckedIOException(e);
            }
            // Another owns it, as with a volume that is mounted for our group: who may read it is decided there.
        }
    }

    public Path file(String name) {
        return root.resolve(name);
    }

    /** A directory below the root, made where it is missing. */
    public Path directory(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + root.resolve(name), e);
        }
    }

    /** Writes a file that only its owner can read; it is there whole or not at all. */
    public void writeSecret(String name, String content) throws IOException {
        Path aside = Files.createTempFile(root, "secret", null); // for its owner only, as temporary files are
        Files.writeString(aside, content);
        Files.move(aside, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
