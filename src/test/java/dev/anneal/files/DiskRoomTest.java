package dev.anneal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private static final long MORE_THAN_ANY_DISK = 1L << 60;

    @TempDir
    Path directory;

    /** Returns three quarters of the bytes that the disk has room for: other programs use it, too. */
    private long most() throws IOException {
        return Files.getFileStore(directory).getUsableSpace() / 4 * 3;
    }

    @Test
    void whatOneHasReservedIsNotThereForAnother() throws IOException {
        long most = most();
        try (DiskRoom one = DiskRoom.reserve(directory, most)) {
            assertThatThrownBy(() -> DiskRoom.reserve(directory, most)).isInstanceOf(NoRoomException.class);
            one.take(most - 1);
            try (DiskRoom other = DiskRoom.reserve(directory, most)) {
                assertThatThrownBy(() -> other.add(most)).isInstanceOf(NoRoomException.class);
            }
        }
        DiskRoom.reserve(directory, most).close();
    }

    @Test
    void aRefusalReservesNothing() throws IOException {
        assertThatThrownBy(() -> DiskRoom.reserve(directory, MORE_THAN_ANY_DISK))
                .isInstanceOf(NoRoomException.class);

        DiskRoom.reserve(directory, most()).close();
    }

    @Test
    void bytesOfUnknownNumberReserveRoomAsTheyCome() throws IOException {
        try (DiskRoom room = DiskRoom.reserve(directory, 0);
                DiskRoom others = DiskRoom.reserve(directory, 0)) {
            room.take(1);
            others.putBack(MORE_THAN_ANY_DISK);
            room.take(1); // of what is reserved

            assertThatThrownBy(() -> room.take(64 << 20)).isInstanceOf(NoRoomException.class);
        }
    }

    @Test
    void theLastBytesOfADiskAreUsedAlthoughNoWholeStepIsLeft() {
        long few = 8 << 20;
        Awaitility.await()
                .until(
                        () -> { // other programs write, too
                            FileStore disk = Files.getFileStore(directory);
                            long free = disk.getUsableSpace() - Math.min(1L << 30, disk.getTotalSpace() / 20);
                            try (DiskRoom others = DiskRoom.reserve(directory, 0);
                                    DiskRoom room = DiskRoom.reserve(directory, 0)) {
                                others.putBack(free - few);
                                assertThatThrownBy(() -> others.add(2 * few)).isInstanceOf(NoRoomException.class);
                                room.take(1);
                                return true;
                            } catch (NoRoomException none) {
                                return false;
                            }
                        });
    }

    @Test
    void theDiskOfADirectoryThatDoesNotExistYetIsThatOfItsParent() throws IOException {
        DiskRoom.reserve(directory.resolve("a/b"), most()).close();

        assertThatThrownBy(() -> DiskRoom.reserve(directory.resolve("a/b"), MORE_THAN_ANY_DISK))
                .isInstanceOf(NoRoomException.class);
    }

    @Test
    void aFileThatArrivesIsWrittenFromItsOffset() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "abcdef");

        try (DiskRoom room = DiskRoom.reserve(directory, 3);
                ArrivingFile arriving = new ArrivingFile(file, 2, room)) {
            arriving.write("xyz.".getBytes(), 3);
            arriving.force();
        }

        assertThat(file).hasContent("abxyz");
    }

    @Test
    void anErrorOfTheDiskIsUnchecked() throws IOException {
        try (DiskRoom room = DiskRoom.reserve(directory, 0)) {
            assertThatThrownBy(() -> new ArrivingFile(directory, 0, room)).isInstanceOf(UncheckedIOException.class);
        }
    }
}
