package dev.anneal.training;

import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Short trainings of a tiny model, with checkpoints. */
final class ShortRuns {
    private ShortRuns() {}

    /** Five steps in each of three epochs, if nothing else is said. */
    static Path work(
            Path directory,
            String name,
            Map<String, Object> spec,
            Map<String, Object> hyperparameters,
            Map<String, Object> checkpoints)
            throws IOException {
        Path base = directory.resolve("base");
        if (!Files.exists(base)) {
            TestModels.tiny(base);
        }
        Map<String, Object> few = new LinkedHashMap<>(Map.of("epochs", 3, "max_length", 16, "batch_size", 6));
        few.put("learning_rate", 5e-3);
        few.putAll(hyperparameters);
        Path work = WorkDirectory.create(directory.resolve(name), base, few, 25);
        Map<String, Object> settings = new LinkedHashMap<>(checkpoints);
        Object earlier = settings.remove("from");
        WorkDirectory.set(work, "spec.json", spec);
        WorkDirectory.set(work, "spec.json", Map.of("checkpoints", settings));
        WorkDirectory.set(work, "placement.json", Map.of("threads", 1));
        if (earlier != null) {
            WorkDirectory.set(work, "placement.json", Map.of("earlier_checkpoints", earlier));
        }
        return work;
    }

    static Map<String, Object> checkpoints(Integer everySteps, int keep) {
        Map<String, Object> checkpoints = new LinkedHashMap<>();
        checkpoints.put("every_steps", everySteps);
        checkpoints.put("keep", keep);
        return checkpoints;
    }

    /** The same, continuing from all that the work directory of another run has, the newest first. */
    static Map<String, Object> checkpointsFrom(Path work, int newest) throws IOException {
        Map<String, Object> checkpoints = checkpoints(null, 2);
        List<String> from = directories(work)
                .filter(path -> path.getFileName().toString().matches("\\d{8}"))
                .filter(path -> Integer.parseInt(path.getFileName().toString()) <= newest)
                .sorted(Comparator.reverseOrder())
                .map(Path::toString)
                .toList();
        checkpoints.put("from", from);
        return checkpoints;
    }

    /** The files in the directory of checkpoints. */
    static Stream<Path> directories(Path work) throws IOException {
        return Arrays.stream(work.resolve("checkpoints").toFile().listFiles())
                .map(java.io.File::toPath)
                .sorted();
    }
}
