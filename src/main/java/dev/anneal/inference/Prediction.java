package dev.anneal.inference;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The likeliest label of a text, and the probabilities of the likeliest labels, best first. */
record Prediction(String label, double score, Map<String, Double> scores) {
    static Prediction of(List<String> labels, float[] scores, Integer topK) {
        Map<String, Double> shown = new LinkedHashMap<>();
        IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                .limit(topK == null ? scores.length : topK)
                .forEach(i -> shown.put(labels.get(i), Double.parseDouble(Float.toString(scores[i]))));
        var best = shown.entrySet().iterator().next();
        return new Prediction(best.getKey(), best.getValue(), shown);
    }
}
