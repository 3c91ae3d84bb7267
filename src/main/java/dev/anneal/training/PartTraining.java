package dev.anneal.training;

import dev.anneal.files.DurableFiles;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.part.PartScores;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.Evaluator;
import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.PredictionSink;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains models on parts of the training rows before the model of the job, one after the other, and keeps their scores of other rows.
 * A part that was done by an earlier attempt is not trained again; one that was interrupted is trained from its beginning.
 */
final class PartTraining {
    /** The most metrics that a message about a part names. */
    private static final int NAMED = 3;

    private final Path workDirectory;
    private final ModelTraining training;
    private final TrainingTask unfitted;
    private final TrainingData data;
    private final List<Part> parts;
    private final EventStream events;
    private final StopRequest stop;
    private final Path done;

    /**
     * A part.
     *
     * @param name that of its files
     * @param phase its name for the user
     * @param trained whether an example, by its number, is one to train on
     * @param size how many of these there are
     * @param evaluated the examples whose scores are kept
     * @param split the split of these
     * @param file their rows
     */
    record Part(
            String name,
            String phase,
            IntPredicate trained,
            int size,
            Examples evaluated,
            String split,
            ExampleFile file) {
        static Part of(
                String name,
                String phase,
                TrainingData data,
                IntPredicate trained,
                Examples evaluated,
                String split,
                ExampleFile file) {
            int size = (int) numbers(data, trained).count();
            return new Part(name, phase, trained, size, evaluated, split, file);
        }

        /** Returns the numbers of the examples to train on. They are not kept, because all parts together have many. */
        IntStream numbers(TrainingData data) {
            return numbers(data, trained);
        }

        private static IntStream numbers(TrainingData data, IntPredicate trained) {
            return IntStream.range(0, data.train().size()).filter(trained);
        }
    }

    /** Scores of examples that are known, whatever the model. */
    interface Known {
        float[] of(int example);
    }

    /**
     * Prepares the work.
     *
     * @param unfitted the task before it has seen training rows
     */
    PartTraining(
            Path workDirectory,
            ModelTraining training,
            TrainingTask unfitted,
            TrainingData data,
            List<Part> parts,
            EventStream events,
            StopRequest stop) {
        this.workDirectory = workDirectory;
        this.training = training;
        this.unfitted = unfitted;
        this.data = data;
        this.parts = parts;
        this.events = events;
        this.stop = stop;
        this.done = workDirectory.resolve(WorkFiles.PARTS);
    }

    /** Takes the scores of parts that earlier attempts trained. */
    void takeOver() throws IOException {
        int found = 0;
        for (Part part : parts) {
            for (String checkpoint : training.order().placement().earlierCheckpoints()) {
                Path directory = Path.of(checkpoint).resolve(WorkFiles.PARTS);
                if (PartScores.read(directory, part.name(), key(part)) != null) {
                    Files.createDirectories(done);
                    PartScores.copy(directory, done, part.name());
                    found++;
                    break;
                }
            }
        }
        if (found > 0) {
            events.log(
                    "info",
                    "%d of %d models on parts of the rows were trained by an earlier attempt. They are not trained again."
                            .formatted(found, parts.size()));
        }
    }

    /** Returns a hash of the rows that a part is trained on and evaluated with. */
    private int key(Part part) {
        int numbers = part.numbers(data).reduce(1, (hash, number) -> 31 * hash + number);
        return Objects.hash(
                numbers,
                part.evaluated().size(),
                part.split(),
                data.drawn(),
                data.train().size());
    }

    private boolean isDone(Part part) {
        return PartScores.areIn(done, part.name());
    }

    /** Returns whether a part is not trained yet. */
    boolean isLeft() {
        return !parts.stream().allMatch(this::isDone);
    }

    /** Returns the scores of a part that is trained. */
    PartScores scores(Part part) throws IOException {
        return Objects.requireNonNull(PartScores.read(done, part.name(), key(part)), part.name());
    }

    /** Returns the events of the training on all rows, which follows. */
    EventStream eventsAfter() {
        return parts.isEmpty()
                ? events
                : new PhaseEvents(
                        events, null, before(parts.size()), share(data.train().size()));
    }

    /** Returns the share of the work of the job that a training on so many examples is. */
    private double share(int examples) {
        long all = parts.stream().mapToLong(Part::size).sum() + data.train().size();
        return (double) examples / all;
    }

    /** Returns the share of the first parts. */
    private double before(int count) {
        return parts.stream()
                .limit(count)
                .mapToDouble(part -> share(part.size()))
                .sum();
    }

    /**
     * Trains the parts that are left.
     *
     * @param rows those of the job, with the activations of the frozen layers if all models share them
     */
    void run(TrainingData rows) throws IOException {
        Files.createDirectories(done);
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (!isDone(part)) {
                stop.enable();
                stop.check();
                train(part, rows, before(i));
                checkpoint(i + 1);
            }
        }
    }

    private void train(Part part, TrainingData rows, double before) throws IOException {
        Path directory = workDirectory.resolve("part");
        DurableFiles.delete(directory);
        Files.createDirectories(directory);
        int[] numbers = part.numbers(data).toArray();
        Examples train = data.train().only(numbers);
        TrainingTask task = unfitted.fitted(part.file(), train);
        FrozenActivations frozen = rows.frozen();
        if (frozen != null) {
            frozen.addSome(data.train(), numbers, train);
        }
        training.afresh()
                .train(
                        rows.trainedOn(task, train),
                        directory,
                        new PhaseEvents(events, part.phase(), before, share(train.size())),
                        (resumed, headIsNew) -> {});
        if (frozen != null) {
            frozen.remove(train);
        }
        stop.enable();
        Map<String, Double> metrics = compute(part, task, directory.resolve(WorkFiles.MODEL));
        DurableFiles.delete(directory);
        events.log("info", PhaseEvents.sentence(part.phase(), words(metrics) + "."));
    }

    /** Computes the rows of a part with its model, and keeps their scores. Returns the metrics. */
    private Map<String, Double> compute(Part part, TrainingTask task, Path model) throws IOException {
        Placement placement = training.order().placement();
        PartScores.Writer scores =
                new PartScores.Writer(done, part.name(), part.evaluated().size(), width());
        Evaluator.Saved kept = new Evaluator.Saved() {
            @Override
            public @Nullable List<float[]> next(int[] batch) {
                return null;
            }

            @Override
            public void add(int[] batch, List<float[]> rows) {
                for (int i = 0; i < batch.length; i++) {
                    scores.put(batch[i], rows.get(i));
                }
            }
        };
        try (Predictor predictor = Predictor.loadAny(model, placement.device(), placement.threads())) {
            Map<String, Double> metrics = task.evaluate(
                            evaluator(predictor, null, kept), part.evaluated(), part.split(), part.file())
                    .metrics();
            scores.finish(key(part), new LinkedHashMap<>(metrics));
            return metrics;
        }
    }

    /** Returns how many scores an example has. */
    private int width() {
        JobSpec spec = training.order().spec();
        return spec.task().hasLabels() ? spec.labels().size() : 1;
    }

    private Evaluator evaluator(Predictor predictor, @Nullable PredictionSink sink, Evaluator.Saved saved) {
        return new Evaluator(predictor.model(), predictor, null, sink, null, stop, Evaluator.Listener.NONE, saved);
    }

    /** Returns an evaluator with known scores, which does not use the predictor. */
    Evaluator evaluator(Predictor unused, PredictionSink sink, Known scores) {
        return evaluator(unused, sink, new Evaluator.Saved() {
            @Override
            public List<float[]> next(int[] batch) {
                return Arrays.stream(batch).mapToObj(scores::of).toList();
            }

            @Override
            public void add(int[] batch, List<float[]> rows) {}
        });
    }

    private static String words(Map<String, Double> metrics) {
        return String.join(
                ", ",
                metrics.entrySet().stream()
                        .limit(NAMED)
                        .map(metric -> "%s %.4f".formatted(metric.getKey(), metric.getValue()))
                        .toList());
    }

    /** Makes a checkpoint with the scores of all parts that are done. */
    private void checkpoint(int count) throws IOException {
        String name = "parts-" + count;
        Path checkpoint = workDirectory.resolve(WorkFiles.CHECKPOINTS).resolve(name);
        DurableFiles.delete(checkpoint);
        DurableFiles.replaceByLinks(done, checkpoint.resolve(WorkFiles.PARTS));
        events.emit(
                TrainerEvent.CHECKPOINT,
                new TrainerEvent.Checkpoint(0, count, "part", name, DurableFiles.size(checkpoint), false, null));
    }
}
