package dev.anneal.artifact;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** The store in a directory: files are copied aside and synced, then a rename makes them appear. */
@Component
class DirectoryStore implements ArtifactStore {
    private final Path root;

    DirectoryStore(DataDirectory data) {
        this.root = data.directory("artifacts");
    }

    @Override
    public void put(String key, Path directory) {
        Path target = path(key);
        try {
            Path aside = Files.createTempDirectory(Files.createDirectories(root.resolve("incoming")), "put");
            for (Path file : files(directory)) {
                Path copy = aside.resolve(directory.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.move(file, copy, StandardCopyOption.REPLACE_EXISTING);
                sync(copy);
            }
            Files.createDirectories(target.getParent());
            sync(aside);
            try {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException there) {
                FileSystemUtils.deleteRecursively(aside);
                if (!has(key)) {
                    throw there;
                }
            }
            sync(target.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot store " + key, e);
        }
    }

    @Override
    public boolean has(String key) {
        return Files.isDirectory(path(key));
    }

    @Override
    public Path get(String key) {
        return path(key);
    }

    @Override
    public void delete(String key) {
        try {
            FileSystemUtils.deleteRecursively(path(key));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + key, e);
        }
    }

    /** Keys are made by the server; one that led out of the root would be a fault. */
    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root) || path.equals(root)) {
            throw new IllegalArgumentException("not a key: " + key);
        }
        return path;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
