package dev.anneal.training.finding;

import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayList;
import java.util.List;

/** Computes a model on texts, in batches of bounded size. The scores of a text in windows are the mean of theirs. */
final class ModelScorer implements Counterfactuals.Scorer {
    private static final int MOST_TOKENS = 4096;

    private final Predictor predictor;
    private final boolean inWindows;
    private final Runnable check;

    ModelScorer(Predictor predictor, boolean inWindows, Runnable check) {
        this.predictor = predictor;
        this.inWindows = inWindows;
        this.check = check;
    }

    @Override
    public List<float[]> scores(List<Counterfactuals.Text> texts) {
        List<Encoded> parts = new ArrayList<>();
        int[] owners = new int[texts.size() + 1]; // the first part of each text
        for (int i = 0; i < texts.size(); i++) {
            Counterfactuals.Text text = texts.get(i);
            parts.addAll(
                    inWindows && text.pair() == null
                            ? predictor.encodeWindows(text.text())
                            : List.of(predictor.encode(text.text(), text.pair())));
            owners[i + 1] = parts.size();
        }
        List<float[]> each = new ArrayList<>();
        for (int from = 0; from < parts.size(); ) {
            check.run();
            int to = from;
            int longest = 0;
            do {
                longest = Math.max(longest, parts.get(to++).length());
            } while (to < parts.size()
                    && (to - from + 1) * Math.max(longest, parts.get(to).length()) <= MOST_TOKENS);
            each.addAll(predictor.scores(parts.subList(from, to)));
            from = to;
        }
        List<float[]> scores = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            scores.add(mean(each.subList(owners[i], owners[i + 1])));
        }
        return scores;
    }

    private static float[] mean(List<float[]> parts) {
        float[] mean = parts.get(0).clone();
        for (int part = 1; part < parts.size(); part++) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += (parts.get(part)[i] - mean[i]) / (part + 1);
            }
        }
        return mean;
    }
}
