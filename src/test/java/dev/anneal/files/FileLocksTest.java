package dev.anneal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks within one process; TwoServersTest has those of several. */
class FileLocksTest {
    @TempDir
    Path directory;

    @Test
    void aFileIsLockedOnceUntilItsLockIsClosed() throws Exception {
        Path file = directory.resolve("lock");
        assertThat(FileLocks.isTaken(file)).isFalse();

        FileLocks.Held held = FileLocks.take(file).orElseThrow();
        assertThat(FileLocks.take(file)).isEmpty();
        assertThat(FileLocks.share(file)).isEmpty();
        assertThat(FileLocks.isTaken(file)).isTrue();

        held.close();
        assertThat(FileLocks.isTaken(file)).isFalse();
        FileLocks.share(file).orElseThrow().close();
    }
}
