package dev.anneal.training.finding;

import dev.anneal.evaluation.linear.FeatureHead;
import dev.anneal.evaluation.score.Largest;
import dev.anneal.files.DurableFiles;
import dev.anneal.files.SharedFiles;
import dev.anneal.json.Json;
import dev.anneal.text.Sha256;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The predictions of the base model without fine-tuning: of the vector that it makes of each text, a linear head predicts the label.
 * Evenly spread rows are used of more than {@link FeatureHead#MOST_ROWS}. Jobs of a machine with the same rows and base model share the
 * predictions.
 */
final class FrozenBaseline {
    private static final int VERSION = 2;

    /** A larger file, such as the weights, takes seconds to hash. The place, size and time of a file of the artifact store tell as much. */
    private static final long MOST_HASHED = 1 << 20;

    /**
     * The base model of a job.
     *
     * @param maxLength the most tokens of a text; the others are left out
     */
    record Base(Path directory, String device, int maxLength) {}

    /**
     * The predictions.
     *
     * @param used the number of the training rows that the head was fitted on
     * @param step the distance of the rows of the report that are predicted
     */
    record Computed(int used, int step, boolean converged, TextBaseline.Predicted predicted) {}

    /** Thrown if the work takes too long. */
    private static final class TooSlow extends RuntimeException {
        TooSlow() {
            super("too slow", null, false, false);
        }
    }

    private record Key(
            int version,
            String task,
            List<String> labels,
            Map<String, String> base,
            int maxLength,
            String train,
            String evaluated) {}

    private final Path directory;
    private final Task task;
    private final Labels labels;
    private final Base base;
    private final Path train;
    private final Path evaluated;
    private final Runnable check;

    FrozenBaseline(Path directory, Task task, Labels labels, Base base, Path train, Path evaluated, Runnable check) {
        this.directory = directory;
        this.task = task;
        this.labels = labels;
        this.base = base;
        this.train = train;
        this.evaluated = evaluated;
        this.check = check;
    }

    /** Returns the predictions: those that an earlier job computed, or new ones. If there are none, adds a sentence that says why. */
    @Nullable
    Computed get(
            @Nullable SharedFiles shared, @Nullable String dataset, SharedFiles.Listener listener, List<String> leftOut)
            throws IOException {
        ModelConfig config = ModelConfig.read(base.directory());
        int hidden = Architecture.of(config).hiddenSize(config);
        if ((long) hidden * outputs() > FeatureHead.MOST_WEIGHTS) {
            leftOut.add(
                    "The base model with a trained head is not among the baselines, because there are too many labels.");
            return null;
        }
        Path own = directory.resolve("frozen-baseline.json");
        SharedFiles.Make make = file -> Files.writeString(file, Json.write(compute(config)));
        SharedFiles.Open<Computed> open = file -> TextBaseline.read(file, Computed.class);
        try {
            if (shared == null || dataset == null) {
                make.at(own);
                return open.file(own);
            }
            return shared.get(dataset, "frozen-" + key(), own, make, open, listener)
                    .open();
        } catch (TooSlow tooSlow) {
            leftOut.add(
                    "The base model with a trained head is not among the baselines, because it would take more than %d seconds."
                            .formatted(FeatureHead.SECONDS));
            return null;
        }
    }

    private int outputs() {
        return task == Task.TEXT_REGRESSION ? 1 : labels.names().size();
    }

    private String key() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(base.directory())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file.toAbsolutePath().toString(), content(file));
            }
        }
        return Sha256.of(Json.write(new Key(
                VERSION,
                task.text(),
                labels.names(),
                files,
                base.maxLength(),
                DurableFiles.sha256(train),
                DurableFiles.sha256(evaluated))));
    }

    private static String content(Path file) throws IOException {
        long size = Files.size(file);
        return size > MOST_HASHED ? size + " " + Files.getLastModifiedTime(file) : DurableFiles.sha256(file);
    }

    private Computed compute(ModelConfig config) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FeatureHead.SECONDS);
        Runnable within = () -> {
            check.run();
            if (System.nanoTime() - end > 0) {
                throw new TooSlow();
            }
        };
        List<JsonNode> targets = new ArrayList<>();
        int step = step(evaluated);
        Path file = directory.resolve("frozen-baseline.bin");
        int maxLength = Math.min(base.maxLength(), Architecture.of(config).maxLength(config));
        try (Tokenizer tokenizer = Tokenizer.load(base.directory(), maxLength);
                Model model = load(config)) {
            Examples trained = examples(tokenizer, train, step(train), row -> targets.add(target(row)), within);
            Examples reported = examples(tokenizer, evaluated, step, row -> {}, within);
            try (FrozenActivations vectors = FrozenActivations.of(model, true, file, within, trained, reported)) {
                if (vectors == null) {
                    throw new IOException("There is no room on the disk for the vectors of the base model.");
                }
                FeatureHead head = new FeatureHead(vectors.vectors(trained), directory, within);
                return predict(head, targets, vectors.vectors(reported), step);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Loads the base model with all layers frozen. Its head is not computed. */
    private Model load(ModelConfig config) {
        Architecture architecture = Architecture.of(config);
        Head head = architecture.head(task, config, outputs());
        return Model.load(
                base.directory(),
                config.withHead(head, labels.names()),
                head,
                base.device(),
                architecture.layers(config),
                null,
                (name, shape) -> new float[Math.toIntExact(shape.size())]);
    }

    /** Returns the distance of rows so that no more than the most are used. */
    private static int step(Path rows) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(rows)) {
            long count = lines.lines().count();
            return Math.toIntExact(Math.max(1, (count + FeatureHead.MOST_ROWS - 1) / FeatureHead.MOST_ROWS));
        }
    }

    private static Examples examples(
            Tokenizer tokenizer, Path rows, int step, Consumer<JsonNode> visitor, Runnable check) {
        List<Example> examples = new ArrayList<>();
        new RowFile(rows, null).forEach((number, row, none) -> {
            if (number % step == 0) {
                check.run();
                examples.add(new Example(
                        tokenizer.encode(
                                row.path("text").asString(""),
                                row.path("text_pair").asString(null)),
                        new float[0]));
                visitor.accept(row);
            }
        });
        return new Examples(examples);
    }

    /** Returns the part of a row that says what is to be predicted. */
    private static JsonNode target(JsonNode row) {
        ObjectNode target = Json.MAPPER.createObjectNode();
        for (String field : List.of("label", "labels", "score")) {
            if (row.has(field)) {
                target.set(field, row.get(field));
            }
        }
        return target;
    }

    private Computed predict(FeatureHead head, List<JsonNode> targets, float[][] reported, int step) {
        switch (task) {
            case TEXT_CLASSIFICATION -> {
                int[] wanted = targets.stream().mapToInt(labels::of).toArray();
                FeatureHead.Fitted model = head.labels(wanted, labels.names().size());
                int[] found = Arrays.stream(reported)
                        .mapToInt(vector -> Largest.of(model.scores(vector)))
                        .toArray();
                return computed(targets, step, model, new TextBaseline.Predicted(found, null, null));
            }
            case MULTI_LABEL -> {
                BitSet[] rows = new BitSet[labels.names().size()];
                Arrays.setAll(rows, label -> new BitSet());
                for (int row = 0; row < targets.size(); row++) {
                    for (int label : labels.setOf(targets.get(row))) {
                        rows[label].set(row);
                    }
                }
                FeatureHead.Fitted model = head.labelSets(rows);
                int[][] found = Arrays.stream(reported)
                        .map(vector -> TextBaseline.likely(model.scores(vector)))
                        .toArray(int[][]::new);
                return computed(targets, step, model, new TextBaseline.Predicted(null, found, null));
            }
            default -> {
                double[] wanted = targets.stream()
                        .mapToDouble(row -> row.path("score").asDouble())
                        .toArray();
                FeatureHead.Fitted model = head.numbers(wanted);
                double[] found = Arrays.stream(reported)
                        .mapToDouble(vector -> model.scores(vector)[0])
                        .toArray();
                return computed(targets, step, model, new TextBaseline.Predicted(null, null, found));
            }
        }
    }

    private static Computed computed(
            List<JsonNode> targets, int step, FeatureHead.Fitted model, TextBaseline.Predicted predicted) {
        return new Computed(targets.size(), step, model.isConverged(), predicted);
    }
}
