package dev.anneal.dataset.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final byte[] MUCH = new byte[3 << 20];

    @TempDir
    Path directory;

    @Test
    void bytesThatAreNotKeptInMemoryNeedRoomOnTheDisk() throws IOException {
        try (DiskRoom others = DiskRoom.reserve(directory, 0);
                Spool spool = new Spool(directory)) {
            others.putBack(1L << 60);
            spool.append(MUCH, 1 << 20);

            assertThatThrownBy(() -> spool.append(MUCH, MUCH.length)).isInstanceOf(NoRoomException.class);
        }
        try (Spool spool = new Spool(directory)) {
            spool.append(MUCH, MUCH.length);
            assertThat(spool.position()).isEqualTo(MUCH.length);
        }
    }
}
