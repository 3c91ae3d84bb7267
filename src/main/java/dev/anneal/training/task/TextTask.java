package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.evaluation.ClassificationPredictions;
import dev.anneal.evaluation.ClassificationReport;
import dev.anneal.evaluation.MultiLabelPredictions;
import dev.anneal.evaluation.MultiLabelReport;
import dev.anneal.evaluation.RegressionReport;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.Truncation;
import dev.anneal.evaluation.Tuning;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.TargetScale;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Text classification with one or several labels, and regression, for texts and pairs of texts. */
final class TextTask implements TrainingTask {
    private final Task task;
    private final List<String> labels;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Tokenizer tokenizer;
    private final Hyperparameters hyperparameters;
    private final JobSpec spec;
    private final @Nullable TargetScale targetScale;
    private final float @Nullable [] weights;
    private final boolean isLabelled;

    TextTask(JobSpec spec, Tokenizer tokenizer) {
        this(spec, tokenizer, null);
    }

    private TextTask(JobSpec spec, Tokenizer tokenizer, @Nullable TargetScale targetScale) {
        this.spec = spec;
        this.targetScale = targetScale;
        this.task = spec.task();
        this.labels = spec.labels();
        this.tokenizer = tokenizer;
        this.hyperparameters = spec.hyperparameters();
        this.weights = LossOptions.weights(hyperparameters, labels);
        labels.forEach(label -> numbers.put(label, numbers.size()));
        EvaluationSpec evaluation = spec.evaluation();
        this.isLabelled = evaluation == null || evaluation.isLabelled();
        if (evaluation != null) {
            LabelNumbers.addNames(numbers, evaluation.labelMap());
        }
    }

    @Override
    public TrainingTask fitted(ExampleFile train, Examples examples) {
        if (task != Task.TEXT_REGRESSION) {
            return this;
        }
        // Welford's method: the sums of large numbers would lose their small differences.
        double[] all = new double[3]; // their number, mean, and sum of squared differences from it
        examples.firstOfRows().forEach(row -> {
            double score = row.target()[0];
            double difference = score - all[1];
            all[0]++;
            all[1] += difference / all[0];
            all[2] += difference * (score - all[1]);
        });
        double deviation = Math.sqrt(all[2] / Math.max(1, all[0]));
        boolean differ = Float.isFinite((float) deviation) && (float) deviation > Float.MIN_NORMAL;
        return new TextTask(spec, tokenizer, new TargetScale(all[1], differ ? deviation : 1));
    }

    @Override
    public @Nullable TargetScale targetScale() {
        return targetScale;
    }

    @Override
    public List<Example> examples(JsonNode row) {
        String text = row.path("text").asString(null);
        if (text == null) {
            throw new TrainingException("The row has no text.");
        }
        String pair = row.path("text_pair").asString(null);
        float[] target = target(row);
        if (spec.taskOptions().longTexts() == LongTexts.WINDOWS && pair == null) {
            List<Encoded> windows = tokenizer.encodeWindows(text);
            return IntStream.range(0, windows.size())
                    .mapToObj(i -> new Example(windows.get(i), target, Example.Cut.NONE, Example.Window.of(i)))
                    .toList();
        }
        Encoded encoded = tokenizer.encode(text, pair);
        return List.of(new Example(encoded, target, new Example.Cut(tokenizer.leftOut(encoded, text, pair), 0)));
    }

    private float[] target(JsonNode row) {
        if (!isLabelled) {
            return new float[task == Task.MULTI_LABEL ? labels.size() : 1];
        }
        switch (task) {
            case TEXT_CLASSIFICATION -> {
                return new float[] {number(row.path("label"))};
            }
            case MULTI_LABEL -> {
                float[] target = new float[labels.size()];
                row.path("labels").forEach(label -> target[number(label)] = 1);
                return target;
            }
            default -> {
                if (!row.path("score").isNumber()) {
                    throw new TrainingException("The row has no score.");
                }
                return new float[] {row.path("score").floatValue()};
            }
        }
    }

    private int number(JsonNode label) {
        Integer number = numbers.get(label.asString(""));
        if (number == null) {
            throw new TrainingException("The label '" + label.asString("") + "' is not one of the job's labels.");
        }
        return number;
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        int width = examples.get(0).target().length;
        float[] targets = new float[examples.size() * width];
        for (int i = 0; i < examples.size(); i++) {
            System.arraycopy(examples.get(i).target(), 0, targets, i * width, width);
        }
        boolean single = task == Task.TEXT_CLASSIFICATION;
        batch.put(
                "labels",
                manager.create(targets, single ? new Shape(targets.length) : new Shape(examples.size(), width)));
        LossOptions.add(batch, hyperparameters, weights, manager);
    }

    @Override
    public double weight(Example example) {
        return weights == null ? 1 : weights[(int) example.target()[0]];
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException {
        Scores scores = scores(evaluator, examples, file);
        Truncation truncation = examples.truncation();
        IntFunction<String> text = i -> file.text(i, "text");
        boolean whole = evaluator.isForReport();
        switch (task) {
            case TEXT_CLASSIFICATION -> {
                ClassificationPredictions predictions = classified(examples, scores);
                evaluator.write(i -> classified(predictions, i), scores.rows());
                return whole
                        ? ClassificationReport.of(split, predictions, truncation, text, evaluator.tuning())
                        : ClassificationReport.of(split, predictions, truncation, text);
            }
            case MULTI_LABEL -> {
                MultiLabelPredictions predictions = labelled(examples, scores);
                evaluator.write(i -> several(predictions, i), scores.rows());
                return whole
                        ? MultiLabelReport.of(split, predictions, truncation, text, evaluator.tuning())
                        : MultiLabelReport.of(split, predictions, truncation, text);
            }
            default -> {
                double[] expected = whole
                        ? file.numbers("score", scores.rows())
                        : examples.firstOfRows()
                                .mapToDouble(row -> row.target()[0])
                                .toArray();
                float[] predicted = new float[scores.rows()];
                for (int i = 0; i < predicted.length; i++) {
                    predicted[i] = scores.at(i, 0);
                }
                evaluator.write(i -> Map.of("score", expected[i], "predicted_score", predicted[i]), predicted.length);
                return RegressionReport.of(
                        split, new RegressionPredictions(expected, predicted), truncation, text, whole);
            }
        }
    }

    @Override
    public @Nullable Tuning tuning(Evaluator evaluator, Examples validation, ExampleFile file) {
        if (task == Task.TEXT_REGRESSION) {
            return null;
        }
        Scores scores = scores(evaluator, validation, file);
        return task == Task.TEXT_CLASSIFICATION
                ? classified(validation, scores).tuning()
                : labelled(validation, scores).tuning();
    }

    private Scores scores(Evaluator evaluator, Examples examples, ExampleFile file) {
        Path directory = Objects.requireNonNull(file.file().toAbsolutePath().getParent());
        ScoreStore each = ScoreStore.of(examples.size(), width(), directory);
        evaluator.predict(examples, each::put);
        return examples.byRow(each);
    }

    /** Returns how many scores an example has. */
    private int width() {
        return task == Task.TEXT_REGRESSION ? 1 : Math.max(1, labels.size());
    }

    private ClassificationPredictions classified(Examples examples, Scores scores) {
        int[] expected =
                examples.firstOfRows().mapToInt(row -> (int) row.target()[0]).toArray();
        return ClassificationPredictions.of(labels, expected, scores);
    }

    private MultiLabelPredictions labelled(Examples examples, Scores scores) {
        LabelSets expected = new LabelSets(scores.rows(), labels.size());
        Iterator<Example> rows = examples.firstOfRows().iterator();
        for (int row = 0; row < scores.rows(); row++) {
            float[] target = rows.next().target();
            for (int label = 0; label < labels.size(); label++) {
                if (target[label] > 0) {
                    expected.add(row, label);
                }
            }
        }
        return new MultiLabelPredictions(labels, expected, scores);
    }

    @Override
    public void predict(Evaluator evaluator, Examples examples) throws IOException {
        evaluator.inParts(examples, width(), part -> {
            float[][] each = new float[part.size()][];
            evaluator.predict(part, (i, row) -> each[i] = row);
            Scores scores = part.byRow(Scores.of(each));
            evaluator.write(i -> predicted(scores, i), scores.rows());
        });
    }

    /** Returns what the model predicts for a row. */
    private Map<String, Object> predicted(Scores scores, int row) {
        Map<String, Object> prediction = new LinkedHashMap<>();
        switch (task) {
            case TEXT_CLASSIFICATION -> {
                prediction.put("predicted_label", labels.get(scores.best(row)));
                prediction.put("scores", scores(scores, row));
            }
            case MULTI_LABEL -> {
                prediction.put(
                        "predicted_labels",
                        IntStream.range(0, labels.size())
                                .filter(label -> scores.at(row, label) > 0.5)
                                .mapToObj(labels::get)
                                .toList());
                prediction.put("scores", scores(scores, row));
            }
            default -> prediction.put("predicted_score", scores.at(row, 0));
        }
        return prediction;
    }

    private Map<String, Object> classified(ClassificationPredictions predictions, int i) {
        Map<String, Object> line = new LinkedHashMap<>();
        String label = labels.get(predictions.expected()[i]);
        line.put("label", label);
        line.putAll(predicted(predictions.scores(), i));
        line.put("right", label.equals(line.get("predicted_label")));
        return line;
    }

    private Map<String, Object> several(MultiLabelPredictions predictions, int i) {
        List<String> wanted = IntStream.range(0, labels.size())
                .filter(label -> predictions.expected().has(i, label))
                .mapToObj(labels::get)
                .toList();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("labels", wanted);
        line.putAll(predicted(predictions.scores(), i));
        line.put("right", wanted.equals(line.get("predicted_labels")));
        return line;
    }

    private Map<String, Float> scores(Scores all, int row) {
        Map<String, Float> scores = new LinkedHashMap<>();
        for (int label = 0; label < labels.size(); label++) {
            scores.put(labels.get(label), all.at(row, label));
        }
        return scores;
    }
}
