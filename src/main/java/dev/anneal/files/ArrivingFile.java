package dev.anneal.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A file that is written while its bytes arrive. All of its errors are unchecked, so that they differ from those of the connection,
 * after which another try may help. Their messages name paths of the server and are only for its log.
 */
public final class ArrivingFile implements AutoCloseable {
    /** Something that fails because of the disk. */
    public interface Action<T> {
        T run() throws IOException;
    }

    private final Path file;
    private final DiskRoom room;
    private final FileChannel channel;

    /** Opens a file, of which the bytes from an offset on are overwritten. */
    public ArrivingFile(Path file, long offset, DiskRoom room) {
        this.file = file;
        this.room = room;
        this.channel = run(file, () -> {
            FileChannel opened = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            opened.truncate(offset);
            opened.position(offset);
            return opened;
        });
    }

    /**
     * Does something with a file.
     *
     * @throws NoRoomException if the disk is full
     * @throws UncheckedIOException if it fails for another reason
     */
    public static <T> T run(Path file, Action<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            throw isFull(file) ? new NoRoomException(1) : new UncheckedIOException(e);
        }
    }

    private static boolean isFull(Path file) {
        try {
            return DiskRoom.isFull(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Writes the first bytes of a buffer. */
    public void write(byte[] buffer, int count) {
        run(file, () -> {
            room.take(count);
            for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count); bytes.hasRemaining(); ) {
                channel.write(bytes);
            }
            return count;
        });
    }

    /** Waits until all bytes are on the disk. */
    public void force() {
        run(file, () -> {
            channel.force(true);
            return true;
        });
    }

    @Override
    public void close() {
        run(file, () -> {
            channel.close();
            return true;
        });
    }
}
