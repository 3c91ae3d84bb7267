package dev.anneal.artifact;

import dev.anneal.web.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** What the stores do with directories of files. */
final class Directories {
    private static final Logger log = LoggerFactory.getLogger(Directories.class);

    private Directories() {}

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    static long size(Path directory) throws IOException {
        long size = 0;
        for (Path file : files(directory)) {
            size += Files.size(file);
        }
        return size;
    }

    /** What processes left below it that were killed: nobody is at it after two days. */
    static void removeLeftovers(Path directory) {
        Instant before = Instant.now().minus(Duration.ofDays(2));
        try (Stream<Path> all = Files.list(directory)) {
            for (Path left : all.toList()) {
                if (Files.getLastModifiedTime(left).toInstant().isBefore(before)) {
                    FileSystemUtils.deleteRecursively(left);
                    log.info("removed {}, which was left behind", left);
                }
            }
        } catch (IOException next) {
            log.warn("cannot tidy up {}: {}", directory, next.getMessage());
        }
    }

    /** Files and the directories that name them are on the disk afterwards. */
    static void sync(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.toList()) {
                syncOne(path);
            }
        }
    }

    static void syncOne(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return Sha256.hex(digest);
    }
}
