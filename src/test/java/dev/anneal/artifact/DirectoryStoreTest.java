package dev.anneal.artifact;

import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

class DirectoryStoreTest extends StoreContract {
    private final Path root = TestServer.newDirectory().resolve("artifacts");

    @Override
    ArtifactStore store() {
        return new DirectoryStore(root);
    }

    /** Permissions would not hold back root: a file stands where the directory was. */
    @Override
    void breakDown() throws IOException {
        FileSystemUtils.deleteRecursively(root);
        Files.createFile(root);
    }
}
