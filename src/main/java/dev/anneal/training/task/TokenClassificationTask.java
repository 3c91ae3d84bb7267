package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.TokenClassificationPredictions;
import dev.anneal.evaluation.TokenClassificationReport;
import dev.anneal.evaluation.score.Largest;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.WordSplit;
import dev.anneal.transformer.tokenizer.WordSplitLearner;
import dev.anneal.transformer.tokenizer.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Token classification: the first token of each word has its tag as the target, the other tokens have none. */
final class TokenClassificationTask implements TrainingTask {
    private final JobSpec spec;
    private final List<String> tags;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Tokenizer tokenizer;
    private final Hyperparameters hyperparameters;
    private final float @Nullable [] weights;
    /** The split of texts into words. */
    private final WordSplit wordSplit;

    private final boolean isLabelled;

    TokenClassificationTask(JobSpec spec, Tokenizer tokenizer) {
        this(spec, tokenizer, WordSplit.DEFAULT);
    }

    TokenClassificationTask(JobSpec spec, Tokenizer tokenizer, WordSplit wordSplit) {
        this.spec = spec;
        this.wordSplit = wordSplit;
        this.tags = spec.labels();
        this.tokenizer = tokenizer;
        this.hyperparameters = spec.hyperparameters();
        this.weights = LossOptions.weights(hyperparameters, tags);
        tags.forEach(tag -> numbers.put(tag, numbers.size()));
        EvaluationSpec evaluation = spec.evaluation();
        this.isLabelled = evaluation == null || evaluation.isLabelled();
        if (evaluation != null) {
            LabelNumbers.addNames(numbers, evaluation.labelMap());
        }
    }

    @Override
    public TrainingTask fitted(ExampleFile train, Examples examples) {
        WordSplitLearner learner = new WordSplitLearner();
        train.forEach(row -> learner.count(words(row)));
        learner.rules();
        train.forEach(row -> learner.countApart(words(row)));
        return new TokenClassificationTask(spec, tokenizer, learner.split());
    }

    @Override
    public void addFiles(Path modelDirectory) throws IOException {
        wordSplit.write(modelDirectory);
    }

    private static List<String> words(JsonNode row) {
        return row.path("tokens").valueStream().map(word -> word.asString("")).toList();
    }

    @Override
    public List<Example> examples(JsonNode row) {
        if (!isLabelled) {
            List<String> words = row.path("tokens").isEmpty() ? wordsOfText(row) : words(row);
            return examples(words, new int[words.size()]);
        }
        List<String> words = words(row);
        if (words.isEmpty() || words.size() != row.path("tags").size()) {
            throw new TrainingException("The row needs as many tags as tokens, at least one.");
        }
        int[] all = new int[words.size()];
        for (int word = 0; word < all.length; word++) {
            String tag = row.path("tags").path(word).asString("");
            Integer number = numbers.get(tag);
            if (number == null) {
                throw new TrainingException("The tag '" + tag + "' is not one of the job's labels.");
            }
            all[word] = number;
        }
        return examples(words, all);
    }

    /** Returns the words of a row with a text, which is one word if it has none. */
    private List<String> wordsOfText(JsonNode row) {
        String text = row.path("text").asString("");
        List<String> words = wordSplit.split(text).words();
        return words.isEmpty() ? List.of(text) : words;
    }

    @Override
    public Map<String, Object> addedFields(JsonNode row) {
        return row.path("tokens").isEmpty() ? Map.of("tokens", wordsOfText(row)) : Map.of();
    }

    private List<Example> examples(List<String> words, int[] all) {
        List<Words> windows = tokenizer.encodeWords(words);
        return IntStream.range(0, windows.size())
                .mapToObj(i -> example(windows.get(i), i, all))
                .toList();
    }

    /** Returns the example of a window. Each word is learned in one of them. */
    private static Example example(Words window, int number, int[] all) {
        int[] places = window.firstTokens();
        int[] tags = Arrays.copyOfRange(all, window.first(), window.first() + places.length);
        float[] target = new float[window.text().length()];
        Arrays.fill(target, Example.IGNORED);
        for (int word = 0; word < tags.length; word++) {
            if (places[word] >= 0) { // else the tokenizer drops its characters
                target[places[word]] = tags[word];
            }
        }
        return new Example(window.text(), target, Example.Cut.NONE, new Example.Window(number, places, tags));
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        batch.put("labels", TrainingTask.perToken(examples, manager));
        LossOptions.add(batch, hyperparameters, weights, manager);
    }

    @Override
    public boolean isLearned(Example example, int token) {
        return example.target()[token] != Example.IGNORED;
    }

    @Override
    public double count(Example example) {
        int count = 0;
        for (float label : example.target()) {
            count += label == Example.IGNORED ? 0 : 1;
        }
        return count;
    }

    @Override
    public double weight(Example example) {
        if (weights == null) {
            return count(example);
        }
        double weight = 0;
        for (float label : example.target()) {
            weight += label == Example.IGNORED ? 0 : weights[(int) label];
        }
        return weight;
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException {
        int[][] found = new int[examples.size()][];
        double[] loss = new double[2];
        int outside = tags.indexOf("O");
        evaluator.predict(examples, (i, scores) -> {
            Example.Window window = examples.get(i).window();
            found[i] = new int[window.tags().length];
            for (int word = 0; word < found[i].length; word++) {
                int token = window.firstTokens()[word];
                // A word without tokens is outside of all entities, as it is when the model is served.
                found[i][word] = token < 0 ? outside : Largest.of(scores, token * tags.size(), tags.size());
                if (token >= 0) {
                    float p = scores[token * tags.size() + window.tags()[word]];
                    loss[0] -= Math.log(Math.max(p, Float.MIN_NORMAL));
                    loss[1]++;
                }
            }
        });
        int[][] expected = byRow(examples, i -> examples.get(i).window().tags());
        int[][] predicted = byRow(examples, i -> found[i]);
        evaluator.write(
                i -> {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("tags", names(expected[i]));
                    line.put("predicted_tags", names(predicted[i]));
                    line.put("right", Arrays.equals(expected[i], predicted[i]));
                    return line;
                },
                expected.length);
        double mean = loss[1] == 0 ? 0 : loss[0] / loss[1];
        return TokenClassificationReport.of(
                split,
                new TokenClassificationPredictions(tags, expected, predicted, mean),
                i -> file.text(i, "tokens"),
                evaluator.isForReport());
    }

    @Override
    public void predict(Evaluator evaluator, Examples examples) throws IOException {
        int outside = tags.indexOf("O");
        evaluator.inParts(examples, 1, part -> {
            int[][] found = new int[part.size()][];
            float[][] probabilities = new float[part.size()][];
            evaluator.predict(part, (i, scores) -> {
                int[] firstTokens = part.get(i).window().firstTokens();
                found[i] = new int[firstTokens.length];
                probabilities[i] = new float[firstTokens.length];
                for (int word = 0; word < firstTokens.length; word++) {
                    int from = firstTokens[word] * tags.size();
                    found[i][word] = from < 0 ? outside : Largest.of(scores, from, tags.size());
                    probabilities[i][word] = from < 0 ? 0 : scores[from + found[i][word]];
                }
            });
            int[] windows = firstWindows(part);
            evaluator.write(
                    row -> {
                        int to = row + 1 < windows.length ? windows[row + 1] : found.length;
                        List<Float> scores = new ArrayList<>();
                        for (int window = windows[row]; window < to; window++) {
                            for (float probability : probabilities[window]) {
                                scores.add(probability);
                            }
                        }
                        Map<String, Object> line = new LinkedHashMap<>();
                        line.put(
                                "predicted_tags",
                                names(IntStream.range(windows[row], to)
                                        .mapToObj(window -> found[window])
                                        .flatMapToInt(Arrays::stream)
                                        .toArray()));
                        line.put("tag_scores", scores);
                        return line;
                    },
                    windows.length);
        });
    }

    /** Returns the number of the first example of each row. */
    private static int[] firstWindows(Examples examples) {
        return IntStream.range(0, examples.size())
                .filter(examples::isFirstOfRow)
                .toArray();
    }

    /** Joins what the windows of each row have. */
    private static int[][] byRow(Examples examples, IntFunction<int[]> ofWindow) {
        List<int[]> rows = new ArrayList<>();
        for (int from = 0; from < examples.size(); ) {
            int to = from + 1;
            while (to < examples.size() && !examples.isFirstOfRow(to)) {
                to++;
            }
            rows.add(IntStream.range(from, to)
                    .mapToObj(ofWindow)
                    .flatMapToInt(Arrays::stream)
                    .toArray());
            from = to;
        }
        return rows.toArray(int[][]::new);
    }

    private List<String> names(int[] numbers) {
        return Arrays.stream(numbers)
                .mapToObj(tag -> tag < 0 ? "O" : tags.get(tag))
                .toList();
    }
}
