package dev.anneal.host;

import dev.anneal.evaluation.entity.Entities;
import dev.anneal.host.message.Prediction;
import dev.anneal.host.message.Prediction.Entity;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Turns the scores of a model into predictions. */
final class Predictions {
    private Predictions() {}

    static Prediction label(List<String> labels, float[] scores, @Nullable Integer topK, int leftOut) {
        Map<String, Double> shown = best(labels, scores, topK);
        var best = shown.entrySet().iterator().next();
        return new Prediction(best.getKey(), best.getValue(), null, shown, null, null, leftOut > 0, leftOut);
    }

    static Prediction labels(List<String> labels, float[] scores, @Nullable Integer topK, int leftOut) {
        List<String> given = IntStream.range(0, scores.length)
                .filter(i -> scores[i] > 0.5)
                .mapToObj(labels::get)
                .toList();
        return new Prediction(null, null, given, best(labels, scores, topK), null, null, leftOut > 0, leftOut);
    }

    static Prediction value(float value, int leftOut) {
        return new Prediction(null, null, null, null, exact(value), null, leftOut > 0, leftOut);
    }

    /**
     * Returns the entities. {@code windows} have all words of the text, and {@code scores} the probabilities of the tags at each
     * token of each window.
     */
    static Prediction entities(
            List<String> tags, List<float[]> scores, String text, TextWords words, List<Words> windows) {
        List<String> tagsOfWords = new ArrayList<>();
        double[] probabilities = new double[words.words().size()];
        for (int window = 0; window < windows.size(); window++) {
            for (int token : windows.get(window).firstTokens()) {
                int word = tagsOfWords.size();
                if (token < 0) {
                    tagsOfWords.add("O"); // the tokenizer drops its characters
                    continue;
                }
                float[] all = scores.get(window);
                int from = token * tags.size();
                int best = 0;
                for (int tag = 1; tag < tags.size(); tag++) {
                    best = all[from + tag] > all[from + best] ? tag : best;
                }
                tagsOfWords.add(tags.get(best));
                probabilities[word] = all[from + best];
            }
        }
        List<Entity> entities = new ArrayList<>();
        int place = 0;
        int characters = 0; // before the place
        for (Entities.Entity entity : Entities.of(tagsOfWords)) {
            int start = words.starts()[entity.from()];
            String found = text.substring(start, words.end(entity.to() - 1));
            characters += text.codePointCount(place, start);
            place = start;
            double score = IntStream.range(entity.from(), entity.to())
                    .mapToDouble(word -> probabilities[word])
                    .average()
                    .orElse(0);
            int end = characters + found.codePointCount(0, found.length());
            entities.add(new Entity(entity.type(), found, characters, end, score));
        }
        return new Prediction(null, null, null, null, null, entities, false, 0);
    }

    /** Returns the mean of the scores of windows. */
    static float[] mean(List<float[]> scores) {
        if (scores.size() == 1) {
            return scores.get(0);
        }
        float[] mean = new float[scores.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] window : scores) {
                sum += window[i];
            }
            mean[i] = (float) (sum / scores.size());
        }
        return mean;
    }

    private static Map<String, Double> best(List<String> labels, float[] scores, @Nullable Integer topK) {
        Map<String, Double> shown = new LinkedHashMap<>();
        IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                .limit(topK == null ? scores.length : topK)
                .forEach(i -> shown.put(labels.get(i), exact(scores[i])));
        return shown;
    }

    /** Returns the double with the same shortest decimal form as the float. */
    private static double exact(float number) {
        return Double.parseDouble(Float.toString(number));
    }
}
