package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.springframework.beans.factory.annotation.Autowired;

/** A test of datasets whose files are checked after they arrived. After each test, none of them is left. */
public abstract class ReceivedFilesTest {
    @Autowired
    protected DataDirectory data;

    @AfterEach
    protected void nothingIsLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(files()).isEmpty());
    }

    /** Returns the directories of the datasets whose files are here. */
    protected List<String> files() throws IOException {
        Path directory = data.file("uploads/datasets");
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> left = Files.list(directory)) {
            return left.map(Path::toString).toList();
        }
    }
}
