package dev.anneal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessDirectoryTest {
    @TempDir
    Path shared;

    @Test
    void whatAKilledProcessOfThisHostLeftIsRemovedAtTheNextStart() throws IOException {
        Path left = left(thisHost());

        ProcessDirectory.in(shared);

        assertThat(left).doesNotExist();
        assertThat(shared).isEmptyDirectory();
    }

    @Test
    void aProcessThatLivesKeepsItsDirectory() throws IOException {
        try (ProcessDirectory own = ProcessDirectory.in(shared)) {
            Path directory = own.path();

            ProcessDirectory.in(shared);

            assertThat(directory).isDirectory();
        }
        assertThat(shared).isEmptyDirectory();
    }

    /** Its process may live, and the file system may not tell this host about its lock. */
    @Test
    void theDirectoryOfAnotherHostIsRemovedOnlyIfItIsOld() throws IOException {
        Path recent = left("elsewhere");
        Path old = left("long-ago");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(3))));

        ProcessDirectory.in(shared);

        assertThat(recent).isDirectory();
        assertThat(old).doesNotExist();
    }

    private Path left(String host) throws IOException {
        Path directory = Files.createDirectories(shared.resolve(host + "-1-01abc"));
        Files.createFile(shared.resolve(directory.getFileName() + ".lock"));
        return directory;
    }

    private String thisHost() throws IOException {
        try (ProcessDirectory own = ProcessDirectory.in(shared)) {
            String name = own.path().getFileName().toString();
            return name.substring(0, name.indexOf("-" + ProcessHandle.current().pid() + "-"));
        }
    }
}
