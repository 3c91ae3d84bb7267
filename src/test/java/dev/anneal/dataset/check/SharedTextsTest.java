package dev.anneal.dataset.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedTextsTest {
    @TempDir
    Path directory;

    private Path training;
    private Path validation;
    private Path test;

    @BeforeEach
    void write() throws IOException {
        training = rows("training", "one", "two", "two");
        validation = rows("validation", "ONE", "own", "two");
        test = rows("test", "own", "two");
    }

    private Path rows(String name, String... texts) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String text : texts) {
            lines.append("{\"text\":\"").append(text).append("\",\"label\":\"a\"}\n");
        }
        return Files.writeString(directory.resolve(name), lines);
    }

    @Test
    void rowsOfEachFileAreCountedThatHaveTheTextOfARowForTraining() throws IOException {
        assertThat(SharedTexts.count(training, List.of(validation, test), directory, () -> {}))
                .containsExactly(2, 1);
        assertThat(SharedTexts.count(training, List.of(test), directory, () -> {}))
                .containsExactly(1);
    }

    @Test
    void theComparisonEndsIfItIsNotNeededAnyMore() {
        assertThatThrownBy(() -> SharedTexts.count(training, List.of(test), directory, () -> {
                    throw new CancellationException();
                }))
                .isInstanceOf(CancellationException.class);
    }
}
