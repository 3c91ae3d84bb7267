package dev.anneal.evaluation;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a language model: the mean cross-entropy of its tokens in nats, and its exponential, at most the largest double;
 * null if there are no tokens to score. {@code truncated} counts the texts that lost tokens because they are longer than
 * {@code max_length}.
 */
public record LanguageModelReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        long tokens,
        @Nullable Double loss,
        @Nullable Double perplexity)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<LanguageModelReport> METRICS = new Metrics<LanguageModelReport>(
                    "loss", LanguageModelReport::loss)
            .lowerIsBetter("perplexity", "perplexity", LanguageModelReport::perplexity);

    /** Returns the report for a mean loss over so many tokens. */
    public static LanguageModelReport of(
            String task, String split, int examples, Truncation truncation, long tokens, double loss) {
        boolean isScored = tokens > 0;
        return new LanguageModelReport(
                task,
                split,
                examples,
                truncation.truncated(),
                truncation.tokensLeftOut(),
                tokens,
                isScored ? loss : null,
                isScored ? Math.min(Math.exp(loss), Double.MAX_VALUE) : null);
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
