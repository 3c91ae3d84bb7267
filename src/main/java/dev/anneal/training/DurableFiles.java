package dev.anneal.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Directories of files that are to outlast a loss of power, and are known again. */
final class DurableFiles {
    private static final int BLOCK = 1 << 20;

    private DurableFiles() {}

    /** The files below a directory, by their paths in it. */
    static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    static long size(Path directory) throws IOException {
        long size = 0;
        for (String file : list(directory)) {
            size += Files.size(directory.resolve(file));
        }
        return size;
    }

    /** CRC-32C, which the JVM computes at the speed of memory without its optimizing compiler; SHA-256 it does not. */
    static String checksum(Path file) throws IOException {
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

    /** Has the disk take all files of a directory, and the directory. */
    static void force(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                forceOne(file);
            }
        }
    }

    static void forceOne(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            channel.force(true);
        }
    }

    /** The same files under another name, without a copy of them where the file system can. */
    static void link(Path from, Path to) throws IOException {
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
    static void replaceByLinks(Path from, Path to) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        delete(part);
        link(from, part);
        delete(to);
        Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What the system said, without the names of files where there is such an answer. */
    static String reason(Exception e) {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        return cause instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : cause instanceof FileSystemException ? cause.toString() : cause.getMessage();
    }

    static void delete(Path directory) throws IOException {
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
