package dev.anneal.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the tokens of each text: the sum of their losses, their number, and how many of them the model prefers to all
 * others. It takes 16 bytes per text.
 */
public final class TokenFigures {
    private final double[] losses;
    private final int[] tokens;
    private final int[] right;

    public TokenFigures(int texts) {
        losses = new double[texts];
        tokens = new int[texts];
        right = new int[texts];
    }

    public void add(int text, double loss, boolean isRight) {
        losses[text] += loss;
        tokens[text]++;
        right[text] += isRight ? 1 : 0;
    }

    public long tokens() {
        long sum = 0;
        for (int count : tokens) {
            sum += count;
        }
        return sum;
    }

    /** Returns the mean loss of all tokens; null without tokens. */
    public @Nullable Double loss() {
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return Ratio.orNull(sum, tokens());
    }

    /** Returns the share of the tokens that the model prefers to all others; null without tokens. */
    @Nullable
    Double accuracy() {
        double sum = 0;
        for (int count : right) {
            sum += count;
        }
        return Ratio.orNull(sum, tokens());
    }

    /** Returns the metrics for texts that are drawn again, since the tokens of one are not independent. */
    public RowFigures figures() {
        return new RowFigures(
                tokens.length,
                List.of("loss", "perplexity", "token_accuracy"),
                texts -> {
                    double loss = 0;
                    double count = 0;
                    double found = 0;
                    for (int text : texts) {
                        loss += losses[text];
                        count += tokens[text];
                        found += right[text];
                    }
                    return new double[] {loss / count, Math.min(Math.exp(loss / count), Double.MAX_VALUE), found / count
                    };
                },
                null);
    }
}
