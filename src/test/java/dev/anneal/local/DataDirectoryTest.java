package dev.anneal.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void onlyItsOwnerCanReadIt() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        new DataDirectory(new DataSettings(directory));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void aDirectoryThatAllUsersCanReadIsWarnedOf() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(DataDirectory.warnIfOpen(directory))
                .as("a volume of our group")
                .isEmpty();

        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(DataDirectory.warnIfOpen(directory))
                .hasValueSatisfying(warning -> assertThat(warning)
                        .contains("All users of this machine can read " + directory, "chmod 700 " + directory));
    }
}
