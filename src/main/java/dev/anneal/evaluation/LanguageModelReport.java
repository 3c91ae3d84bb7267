package dev.anneal.evaluation;

import dev.anneal.evaluation.interval.Interval;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a language model: the mean cross-entropy of its tokens in nats, and its exponential, at most the largest double;
 * null if there are no tokens to score. {@code truncated} counts the texts that lost tokens because they are longer than
 * {@code max_length}. {@code tokenAccuracy}, the share of the tokens that the model prefers to all others, and {@code intervals} are
 * null for masked-lm and in a report that has the metrics only.
 */
public record LanguageModelReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        long tokens,
        @Nullable Double loss,
        @Nullable Double perplexity,
        @Nullable Double tokenAccuracy,
        @Nullable Map<String, Interval> intervals,
        @Nullable AnswerReport answers)
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
                isScored ? perplexity(loss) : null,
                null,
                null,
                null);
    }

    /** Returns the report with answers. */
    public LanguageModelReport withAnswers(@Nullable AnswerReport generated) {
        return new LanguageModelReport(
                task,
                split,
                examples,
                truncated,
                tokensLeftOut,
                tokens,
                loss,
                perplexity,
                tokenAccuracy,
                intervals,
                generated);
    }

    /** Returns the whole report on the tokens of texts. */
    public static LanguageModelReport of(
            String task, String split, int examples, Truncation truncation, TokenFigures figures) {
        Double loss = figures.loss();
        return new LanguageModelReport(
                task,
                split,
                examples,
                truncation.truncated(),
                truncation.tokensLeftOut(),
                figures.tokens(),
                loss,
                loss == null ? null : perplexity(loss),
                figures.accuracy(),
                figures.figures().intervals(),
                null);
    }

    /** Returns the exponential of a loss, at most the largest double. */
    public static double perplexity(double loss) {
        return Math.min(Math.exp(loss), Double.MAX_VALUE);
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
