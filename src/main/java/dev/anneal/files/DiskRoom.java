package dev.anneal.files;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Room on a disk for what a user sends. It is reserved until the bytes are written, so that several of them do not count on the same
 * room. A part of each disk always stays free, because the database and the log need some, too.
 */
public final class DiskRoom implements AutoCloseable {
    private static final long MAX_RESERVE = 1L << 30;

    /** One part of so many is the reserve of a small disk. */
    private static final int PARTS = 20;

    /** The bytes that are reserved at a time if it is not known how many bytes will come. */
    private static final long STEP = 16 << 20;

    /** The bytes that are reserved and not written yet, by disk. Guarded by itself. */
    private static final Map<FileStore, Long> RESERVED = new HashMap<>();

    private final FileStore disk;
    private long left;
    private boolean closed;

    private DiskRoom(FileStore disk) {
        this.disk = disk;
    }

    /**
     * Reserves room for so many bytes in a directory. If it is not known how many will come, 0 is enough.
     *
     * @throws NoRoomException if the disk does not have it
     */
    public static DiskRoom reserve(Path directory, long bytes) throws IOException {
        DiskRoom room = new DiskRoom(disk(directory));
        room.add(bytes);
        return room;
    }

    /**
     * Returns room for bytes that a client sends, which is reserved in steps while they arrive: a few slow clients that announce many
     * bytes must not reserve the whole disk.
     *
     * @throws NoRoomException if the disk does not have room for all of them now
     */
    public static DiskRoom inSteps(Path directory, long announced) throws IOException {
        reserve(directory, announced).close();
        return reserve(directory, 0);
    }

    /** Returns whether a disk is so full that nothing more may be written into a directory. */
    static boolean isFull(Path directory) throws IOException {
        return free(disk(directory)) <= 0;
    }

    /** Returns the disk of a directory, which may not exist yet. */
    private static FileStore disk(Path directory) throws IOException {
        Path existing = directory.toAbsolutePath();
        for (Path parent = existing.getParent();
                parent != null && !Files.exists(existing);
                parent = parent.getParent()) {
            existing = parent;
        }
        return Files.getFileStore(existing);
    }

    private static long free(FileStore disk) throws IOException {
        return disk.getUsableSpace() - Math.min(MAX_RESERVE, disk.getTotalSpace() / PARTS);
    }

    /**
     * Reserves more.
     *
     * @throws NoRoomException if the disk does not have it
     */
    public synchronized void add(long bytes) throws IOException {
        synchronized (RESERVED) {
            if (bytes > 0 && bytes > unreserved()) {
                throw new NoRoomException(bytes);
            }
            change(bytes);
        }
    }

    private long unreserved() throws IOException {
        return free(disk) - RESERVED.getOrDefault(disk, 0L);
    }

    /**
     * Takes bytes that are written now out of what is reserved, and reserves more if that is not enough.
     *
     * @throws NoRoomException if the disk does not have it
     */
    public synchronized void take(long bytes) throws IOException {
        synchronized (RESERVED) {
            if (bytes > left) {
                long missing = bytes - left;
                add(Math.max(missing, Math.min(STEP, unreserved())));
            }
            change(-bytes);
        }
    }

    /** Reserves the room of bytes that were deleted. */
    public synchronized void putBack(long bytes) {
        change(bytes);
    }

    private void change(long bytes) {
        synchronized (RESERVED) {
            if (!closed) {
                left += bytes;
                RESERVED.merge(disk, bytes, (before, change) -> before + change == 0 ? null : before + change);
            }
        }
    }

    /** Gives up what is reserved and was not written. */
    @Override
    public synchronized void close() {
        change(-left);
        closed = true;
    }
}
