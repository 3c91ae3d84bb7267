package dev.anneal.artifact;

import dev.anneal.files.DurableFiles;
import dev.anneal.files.ProcessDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.springframework.util.FileSystemUtils;

/** The artifact store in a directory, which hosts may share. Files are collected aside and synced, then appear with one rename. */
class DirectoryStore implements ArtifactStore, AutoCloseable {
    private static final String INCOMING = "incoming";

    private final Path root;
    private final ProcessDirectory incoming;

    DirectoryStore(Path root) {
        try {
            this.root = Files.createDirectories(root.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot store artifacts in " + root, e);
        }
        this.incoming = ProcessDirectory.in(this.root.resolve(INCOMING));
    }

    @Override
    public void put(String key, Path directory) {
        Path target = path(key);
        Path parent = Objects.requireNonNull(target.getParent(), "each key is below the root");
        try {
            if (!has(key)) {
                Path aside = aside("put");
                try {
                    gather(directory, aside);
                    Files.createDirectories(parent);
                    rename(aside, target);
                } finally {
                    FileSystemUtils.deleteRecursively(aside); // it is deleted already unless something failed
                }
                DurableFiles.forceOne(parent);
            }
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot store " + key, e);
        }
    }

    /** Links the files, so that the originals stay in place until all of them are in the store. */
    private static void gather(Path directory, Path aside) throws IOException {
        DurableFiles.link(directory, aside);
        DurableFiles.force(aside);
    }

    private void rename(Path aside, Path target) throws IOException {
        try {
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException there) {
            if (!Files.isDirectory(target)) {
                throw there;
            }
        }
    }

    @Override
    public boolean has(String key) {
        Path path = path(key);
        if (!Files.isDirectory(root)) {
            throw new StoreUnavailableException(
                    "cannot look for " + key,
                    new FileSystemException(root.toString(), null, "the directory of the store does not exist"));
        }
        return Files.isDirectory(path);
    }

    @Override
    public Path get(String key) {
        if (!has(key)) {
            throw new StoreUnavailableException(
                    "cannot get " + key, new NoSuchFileException(key, null, "there is no artifact " + key));
        }
        return path(key);
    }

    @Override
    public void delete(String key) {
        try {
            if (has(key)) {
                Path aside = aside("delete");
                Files.move(
                        path(key),
                        aside,
                        StandardCopyOption.ATOMIC_MOVE); // in one step, so that it is never there in part
                FileSystemUtils.deleteRecursively(aside);
            }
        } catch (NoSuchFileException anotherWasFaster) {
            // it is deleted
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot delete " + key, e);
        }
    }

    @Override
    public void close() throws IOException {
        incoming.close();
    }

    private Path aside(String purpose) throws IOException {
        return Files.createTempDirectory(incoming.path(), purpose);
    }

    /** Keys come from the server, so one that leads out of the root is a bug. */
    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root) || path.equals(root)) {
            throw new IllegalArgumentException("not a key: " + key);
        }
        return path;
    }
}
