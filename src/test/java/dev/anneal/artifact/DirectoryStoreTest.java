package dev.anneal.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.files.ProcessDirectory;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

class DirectoryStoreTest extends StoreContract {
    private final Path root = TestServer.newDirectory().resolve("artifacts");

    @Override
    ArtifactStore store() {
        return new DirectoryStore(root);
    }

    @Test
    void unfinishedFilesOfAKilledProcessAreRemovedAtTheNextStart() throws IOException {
        Path incoming = Files.createDirectories(root.resolve("incoming"));
        ProcessDirectory other = ProcessDirectory.in(incoming);
        Path underWay = Files.createFile(other.path().resolve("put2"));
        String killed = other.path().getFileName() + "KILLED"; // of the same host
        Path left = Files.createDirectories(incoming.resolve(killed + "/put1"));
        Files.writeString(left.resolve("weights"), "1");
        Path lock = Files.createFile(incoming.resolve(killed + ".lock"));

        new DirectoryStore(root);

        assertThat(left.getParent()).doesNotExist();
        assertThat(lock).doesNotExist();
        assertThat(underWay).exists();
        other.close();
        assertThat(incoming).isEmptyDirectory();
    }

    /** Permissions would not hold back root: a file stands where the directory was. */
    @Override
    void breakDown() throws IOException {
        FileSystemUtils.deleteRecursively(root);
        Files.createFile(root);
    }
}
