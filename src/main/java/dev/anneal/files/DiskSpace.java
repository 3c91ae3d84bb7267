package dev.anneal.files;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The room on a disk for what users send. A part of it stays free, because the database and the log need some, too. */
public final class DiskSpace {
    private static final long MAX_RESERVE = 1L << 30;

    /** One part of so many is the reserve of a small disk. */
    private static final int PARTS = 20;

    private DiskSpace() {}

    /** Returns how many bytes may still be written into a directory; 0 or less if there is no room. */
    public static long of(Path directory) throws IOException {
        FileStore disk = Files.getFileStore(directory);
        return disk.getUsableSpace() - Math.min(MAX_RESERVE, disk.getTotalSpace() / PARTS);
    }
}
