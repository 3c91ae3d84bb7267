package dev.anneal.files;

import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files and directories that must survive a loss of power: written, forced to the disk, linked, replaced and removed. */
public final class DurableFiles {
    private static final Logger log = LoggerFactory.getLogger(DurableFiles.class);
    private static final int BLOCK = 1 << 20;

    private DurableFiles() {}

    /** Returns the files below a directory, in the order of their names. */
    public static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Returns the files below a directory by their paths in it, in the order of their names. */
    public static List<String> list(Path directory) throws IOException {
        return files(directory).stream()
                .map(file -> directory.relativize(file).toString())
                .toList();
    }

    public static long size(Path directory) throws IOException {
        long size = 0;
        for (String file : list(directory)) {
            size += Files.size(directory.resolve(file));
        }
        return size;
    }

    /** CRC-32C, which the JVM computes at the speed of memory without its optimizing compiler; SHA-256 it does not. */
    public static String checksum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(block) >= 0) {
                crc.update(block.flip());
                block.clear();
            }
            return "crc32c:%08x:%d".formatted(crc.getValue(), channel.size());
        }
    }

    /** Returns the SHA-256 of a file's content in hexadecimal. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return Sha256.hex(digest);
    }

    /** Forces all files of a directory and the directories that name them to the disk. */
    public static void force(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                forceOne(file);
            }
        }
    }

    public static void forceOne(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            channel.force(true);
        }
    }

    /** The same files under another name, without a copy of them where the file system can. */
    public static void link(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : list(from)) {
            Path target = to.resolve(name);
            Files.createDirectories(target.getParent());
            try {
                Files.createLink(target, from.resolve(name));
            } catch (UnsupportedOperationException | FileSystemException e) {
                Files.copy(from.resolve(name), target);
            }
        }
    }

    /** Like {@link #link}; the directory is whole or absent, one that is there is replaced. */
    public static void replaceByLinks(Path from, Path to) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        delete(part);
        link(from, part);
        delete(to);
        Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What the system said, without the names of files where there is such an answer. */
    public static String reason(Exception e) {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        return cause instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : cause instanceof FileSystemException ? cause.toString() : cause.getMessage();
    }

    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Removes what killed processes left in a directory more than two days ago. */
    public static void removeLeftovers(Path directory) {
        Instant before = Instant.now().minus(Duration.ofDays(2));
        try (Stream<Path> all = Files.list(directory)) {
            for (Path left : all.toList()) {
                if (Files.getLastModifiedTime(left).toInstant().isBefore(before)) {
                    delete(left);
                    log.info("removed the leftover {}", left);
                }
            }
        } catch (IOException next) {
            log.warn("cannot remove leftovers in {}: {}", directory, next.getMessage());
        }
    }
}
