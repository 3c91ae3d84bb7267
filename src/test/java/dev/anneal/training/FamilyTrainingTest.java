package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.transformer.Golden;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            Files.writeString(work.resolve(split + ".jsonl"), Json.write(row(task, labels)) + "\n");
        }

        Training.run(work);

        Golden.assertClose(golden.computedBy(work.resolve("model")), golden.scores());
    }

    private static Map<String, Object> row(Task task, List<String> labels) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> Map.of("text", "a dull film", "label", labels.get(0));
            case TOKEN_CLASSIFICATION ->
                Map.of("tokens", List.of("Jack", "visited"), "tags", List.of(labels.get(0), labels.get(0)));
            default -> Map.of("text", "The river runs past the old mill.");
        };
    }
}
