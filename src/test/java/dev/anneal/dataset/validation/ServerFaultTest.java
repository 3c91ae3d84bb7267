package dev.anneal.dataset.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.anneal.files.DiskRoom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerFaultTest {
    @TempDir
    Path directory;

    @Test
    void aFullDiskIsNotAFaultOfTheFiles() {
        Throwable noRoom = catchThrowable(() -> DiskRoom.reserve(directory, 1L << 60));

        assertThat(noRoom).isNotNull();
        assertThat(ServerFault.isOne(noRoom)).isTrue();
        assertThat(ServerFault.isOne(new IllegalStateException(noRoom))).isTrue();
        assertThat(ServerFault.isOne(new UncheckedIOException(new IOException("No space left on device"))))
                .isTrue();
    }

    @Test
    void anotherExceptionMayBeAFaultOfTheFiles() {
        assertThat(ServerFault.isOne(new IllegalStateException("a bug"))).isFalse();
        assertThat(ServerFault.isOne(new SQLException("a value", "22003"))).isFalse();
    }
}
