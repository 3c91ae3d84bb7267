package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.training.process.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Makes work directories for trainers: opinions on food, with rows for each split. */
final class WorkDirectory {
    private static final List<String> GOOD = List.of("delicious", "great", "lovely", "perfect", "tasty");
    private static final List<String> BAD = List.of("awful", "terrible", "cold", "bland", "disgusting");
    private static final List<String> DISHES =
            List.of("soup", "bread", "fish", "cake with a lot of cream on it", "tea");

    private WorkDirectory() {}

    static Path create(Path directory, Path base, Map<String, Object> hyperparameters, int rows) throws IOException {
        Files.createDirectories(directory);
        Map<String, Object> all = new LinkedHashMap<>(Map.of(
                "epochs",
                2,
                "batch_size",
                8,
                "learning_rate",
                2e-4,
                "weight_decay",
                0.01,
                "warmup_ratio",
                0.1,
                "max_grad_norm",
                1.0,
                "dropout",
                0.1,
                "max_length",
                32,
                "precision",
                "fp32",
                "seed",
                42));
        all.putAll(Map.of("gradient_accumulation_steps", 1, "lr_scheduler_type", "linear", "layerwise_lr_decay", 1.0));
        all.putAll(hyperparameters);
        Map<String, Object> spec = new LinkedHashMap<>(Map.of(
                "task",
                "text-classification",
                "labels",
                List.of("negative", "positive"),
                "method",
                Map.of("type", "full"),
                "hyperparameters",
                all,
                "best_metric",
                "loss"));
        Files.writeString(directory.resolve("spec.json"), Json.write(spec));
        Placement placement =
                new Placement(base.toString(), "cpu", 2, all.get("precision").toString(), null, List.of(), null, 0);
        Files.writeString(directory.resolve("placement.json"), Json.write(placement));
        Random random = new Random(1);
        write(directory.resolve("train.jsonl"), rows, random);
        write(directory.resolve("validation.jsonl"), 20, random);
        write(directory.resolve("test.jsonl"), 20, random);
        return directory;
    }

    /** Sets fields of spec.json or placement.json. */
    @SuppressWarnings("unchecked")
    static void set(Path work, String file, Map<String, ?> fields) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>(Json.read(Files.readString(work.resolve(file)), Map.class));
        all.putAll(fields);
        Files.writeString(work.resolve(file), Json.write(all));
    }

    private static void write(Path file, int rows, Random random) throws IOException {
        Files.write(
                file,
                IntStream.range(0, rows)
                        .mapToObj(i -> Json.write(Map.of(
                                "text",
                                "the " + pick(DISHES, random) + " was " + pick(i % 2 == 0 ? BAD : GOOD, random),
                                "label",
                                i % 2 == 0 ? "negative" : "positive")))
                        .toList());
    }

    private static String pick(List<String> words, Random random) {
        return words.get(random.nextInt(words.size()));
    }
}
