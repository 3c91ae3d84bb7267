package dev.anneal.evaluation;

import java.util.Map;

/** The metrics of a language model: the mean cross-entropy of its tokens in nats, and its exponential, at most the largest double. */
public record LanguageModelReport(String task, String split, int examples, long tokens, double loss, double perplexity)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<LanguageModelReport> METRICS = new Metrics<LanguageModelReport>("loss")
            .lowerIsBetter("perplexity", "perplexity", LanguageModelReport::perplexity);

    public static LanguageModelReport of(String task, String split, int examples, long tokens, double loss) {
        return new LanguageModelReport(task, split, examples, tokens, loss, Math.min(Math.exp(loss), Double.MAX_VALUE));
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
