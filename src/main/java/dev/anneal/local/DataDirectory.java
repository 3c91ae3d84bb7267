package dev.anneal.local;

import dev.anneal.files.ProcessDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The data directory of the server: embedded Postgres, artifacts, work directories of running jobs, admin key. */
@Component
public class DataDirectory implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

    private final Path root;
    private final ProcessDirectory own;

    public DataDirectory(DataSettings settings) {
        this.root = settings.data().toAbsolutePath().normalize();
        directory("");
        try {
            // Only the owner may read what is below: keys, texts, weights.
            Files.setPosixFilePermissions(this.root, PosixFilePermissions.fromString("rwx------"));
        } catch (UnsupportedOperationException windows) {
            // this file system has no POSIX permissions
        } catch (IOException e) {
            if (!Files.isWritable(this.root)) {
                throw new UncheckedIOException(e);
            }
            // Another user owns it, such as for a volume that is mounted for our group.
            warnIfOpen(this.root).ifPresent(log::warn);
        }
        own = ProcessDirectory.in(this.root.resolve("work"));
        removeUnfinished();
    }

    /** Returns the directory for the temporary files of this process: uploads, checks, the work of its trainers. */
    public Path own() throws IOException {
        return own.path();
    }

    @Override
    public void destroy() throws IOException {
        own.close();
    }

    /** Removes files that a killed process was about to rename. Another process that starts now needs its own for a moment. */
    private void removeUnfinished() {
        Instant before = Instant.now().minusSeconds(60);
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.filter(
                            path -> path.getFileName().toString().matches("secret\\d+\\.tmp|server\\d+\\.json"))
                    .toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException next) {
            log.warn("cannot remove unfinished files in {}: {}", root, next.getMessage());
        }
    }

    /** Returns a warning if users other than its owner and its group can read a directory. */
    static Optional<String> warnIfOpen(Path directory) {
        try {
            return Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_READ)
                    ? Optional.of("All users of this machine can read " + directory
                            + ", which contains keys, texts and weights. Its owner should run: chmod 700 " + directory)
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException unknown) {
            return Optional.empty();
        }
    }

    public Path file(String name) {
        return root.resolve(name);
    }

    /** Returns a directory below the root, and creates it if needed. */
    public Path directory(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + root.resolve(name), e);
        }
    }

    /** Writes a file that only its owner can read. It appears as a whole. */
    public void writeSecret(String name, String content) throws IOException {
        Path aside = Files.createTempFile(root, "secret", null); // Java creates temporary files for their owner only
        Files.writeString(aside, content);
        Files.move(aside, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
