package dev.anneal.training;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each golden is trained with one step at a rate at which no weight moves by more than 1e-7. The files of the trained model compute
 * what transformers computed. ServedFamiliesTest trains one family of each task through the API.
 */
class FamilyTrainingTest {
    private static final Map<String, Object> ONE_STEP =
            Map.of("epochs", 1, "batch_size", 8, "learning_rate", 1e-8, "weight_decay", 0, "max_length", 64);

    @TempDir
    Path directory;

    static List<String> names() {
        return Golden.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theTrainedModelComputesTheGolden(String name) throws IOException {
        Golden golden = Golden.of(name);
        Path base = Files.createDirectories(directory.resolve("base"));
        for (var file : golden.files().entrySet()) {
            Files.copy(file.getValue(), base.resolve(file.getKey()));
        }
        Task task = golden.config().task();
        List<String> labels = task.hasLabels() ? golden.config().labels() : List.of();
        Path work = WorkDirectory.create(directory.resolve("work"), base, ONE_STEP, 1);
        WorkDirectory.set(work, "spec.json", Map.of("task", task.text(), "labels", labels));
        for (String split : List.of("train", "validation", "test")) {
            List<String> rows = Stream.of(1, 3, 2)
                    .map(length -> Json.write(row(task, labels, length)))
                    .toList();
            Files.write(work.resolve(split + ".jsonl"), rows);
        }

        Training training = Training.run(work);

        assertThat(training.events("epoch")).hasSize(1);
        assertThat(training.events("epoch").get(0).path("step").asInt()).isEqualTo(1);
        Golden.assertClose(golden.computedBy(work.resolve("model")), golden.scores());
    }

    /** Returns a row: those of a batch have different lengths, so it is padded. */
    private static Map<String, Object> row(Task task, List<String> labels, int length) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> Map.of("text", "a dull film ".repeat(length), "label", labels.get(0));
            case TOKEN_CLASSIFICATION ->
                Map.of("tokens", nCopies(2 * length, "Jack"), "tags", nCopies(2 * length, labels.get(0)));
            default -> Map.of("text", "The river runs past the old mill. ".repeat(length));
        };
    }
}
