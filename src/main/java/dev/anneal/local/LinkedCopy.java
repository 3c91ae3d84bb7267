package dev.anneal.local;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A second directory with the files of one that others still need: hard links where the file system has them. */
public final class LinkedCopy {
    private LinkedCopy() {}

    /** The files themselves are shared and must not be written to. Throws where one of them is gone. */
    public static void of(Path directory, Path copy) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = copy.resolve(directory.relativize(file).toString());
            Files.createDirectories(target.getParent());
            link(file, target);
        }
    }

    private static void link(Path file, Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (FileSystemException | UnsupportedOperationException anotherFileSystem) {
            Files.copy(file, target);
        }
    }
}
