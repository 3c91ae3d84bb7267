package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.Report;
import dev.anneal.evaluation.TokenClassificationPredictions;
import dev.anneal.evaluation.TokenClassificationReport;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.WordSplit;
import dev.anneal.transformer.tokenizer.WordSplitLearner;
import dev.anneal.transformer.tokenizer.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Token classification: the first token of each word has its tag as the target, the other tokens have none. */
final class TokenClassificationTask implements TrainingTask {
    private final JobSpec spec;
    private final List<String> tags;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Tokenizer tokenizer;
    private final Hyperparameters hyperparameters;
    /** The split of the training rows into words. */
    private final WordSplit wordSplit;

    TokenClassificationTask(JobSpec spec, Tokenizer tokenizer) {
        this(spec, tokenizer, WordSplit.DEFAULT);
    }

    private TokenClassificationTask(JobSpec spec, Tokenizer tokenizer, WordSplit wordSplit) {
        this.spec = spec;
        this.wordSplit = wordSplit;
        this.tags = spec.labels();
        this.tokenizer = tokenizer;
        this.hyperparameters = spec.hyperparameters();
        tags.forEach(tag -> numbers.put(tag, numbers.size()));
    }

    @Override
    public TrainingTask fitted(ExampleFile train) {
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
        List<String> words = words(row);
        if (words.isEmpty() || words.size() != row.path("tags").size()) {
            throw new TrainingException("The row needs as many tags as tokens, at least one.");
        }
        Words encoded = tokenizer.encodeWords(words);
        float[] target = new float[encoded.text().length()];
        Arrays.fill(target, Example.IGNORED);
        for (int word = 0; word < words.size(); word++) {
            String tag = row.path("tags").path(word).asString("");
            Integer number = numbers.get(tag);
            if (number == null) {
                throw new TrainingException("The tag '" + tag + "' is not one of the job's labels.");
            }
            if (encoded.firstTokens()[word] >= 0) { // else truncated
                target[encoded.firstTokens()[word]] = number;
            }
        }
        return List.of(new Example(encoded.text(), target));
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        batch.put("labels", TrainingTask.perToken(examples, manager));
        LossOptions.add(batch, hyperparameters, tags, manager);
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
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) throws IOException {
        int[][] expected = new int[examples.size()][];
        int[][] predicted = new int[examples.size()][];
        double[] loss = new double[2];
        evaluator.predict(examples, (i, scores) -> {
            float[] target = examples.all().get(i).target();
            int[] words = java.util.stream.IntStream.range(0, target.length)
                    .filter(token -> target[token] != Example.IGNORED)
                    .toArray();
            expected[i] = Arrays.stream(words).map(token -> (int) target[token]).toArray();
            predicted[i] = Arrays.stream(words)
                    .map(token -> best(scores, token * tags.size(), tags.size()))
                    .toArray();
            for (int token : words) {
                float p = scores[token * tags.size() + (int) target[token]];
                loss[0] -= Math.log(Math.max(p, Float.MIN_NORMAL));
                loss[1]++;
            }
        });
        evaluator.write(
                i -> {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("text_number", i + 1);
                    line.put("tags", names(expected[i]));
                    line.put("predicted", names(predicted[i]));
                    return line;
                },
                examples.size());
        double mean = loss[1] == 0 ? 0 : loss[0] / loss[1];
        return TokenClassificationReport.of(
                split,
                new TokenClassificationPredictions(tags, expected, predicted, mean),
                i -> file.text(i, "tokens"));
    }

    private List<String> names(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(tags::get).toList();
    }

    private static int best(float[] scores, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (scores[from + i] > scores[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
