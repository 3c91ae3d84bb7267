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
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Writes, links, replaces and removes files and directories that must survive a loss of power. */
public final class DurableFiles {
    private static final int BLOCK = 1 << 20;

    private DurableFiles() {}

    /** Returns the files below a directory, sorted by name. */
    public static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Returns the paths of the files below a directory, relative to it and sorted. */
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

    /** Returns the CRC-32C of a file. Unlike SHA-256, the JVM computes it fast even without its optimizing compiler. */
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

    /** Links all files into another directory, or copies them if the file system has no links. */
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

    /** Does the same as {@link #link}, and replaces the target as a whole. */
    public static void replaceByLinks(Path from, Path to) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        delete(part);
        link(from, part);
        delete(to);
        Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns the reason of a failure, without file names if the system gives a reason. */
    public static String reason(Exception e) {
        Throwable cause = e instanceof UncheckedIOException ? Objects.requireNonNull(e.getCause()) : e;
        return cause instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : cause instanceof FileSystemException ? cause.toString() : String.valueOf(cause.getMessage());
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
}
