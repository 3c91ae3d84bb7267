package dev.anneal.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

class DirectoryStoreTest extends StoreContract {
    private final Path root = TestServer.newDirectory().resolve("artifacts");

    @Override
    ArtifactStore store() {
        return new DirectoryStore(root);
    }

    @Test
    void unfinishedFilesOfAKilledProcessAreRemovedWhenTheyAreOld() throws IOException {
        DirectoryStore store = new DirectoryStore(root);
        Path incoming = Files.createDirectories(root.resolve("incoming"));
        Path left = Files.createDirectory(incoming.resolve("put1"));
        Files.writeString(left.resolve("weights"), "1");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofDays(3))));
        Path underWay = Files.createDirectory(incoming.resolve("put2"));

        store.sweep();

        assertThat(left).doesNotExist();
        assertThat(underWay).exists();
    }

    /** Permissions would not hold back root: a file stands where the directory was. */
    @Override
    void breakDown() throws IOException {
        FileSystemUtils.deleteRecursively(root);
        Files.createFile(root);
    }
}
