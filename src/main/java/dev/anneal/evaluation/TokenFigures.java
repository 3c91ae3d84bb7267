package dev.anneal.evaluation;

import dev.anneal.evaluation.count.Ratio;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the tokens of each text: the sum of their losses, their number, and how many of them the model prefers to all
 * others. It takes 16 bytes per text.
 */
public final class TokenFigures {
    private static final String CUT =
            "The losses are not compared: the models divide the rows into different tokens, and at least one of them truncates rows, so they did not read the same text. Evaluate both on rows that neither truncates.";

    private double[] losses;
    private int[] tokens;
    private int[] right;
    private int texts;

    /** Makes the figures of so many texts, without any token. */
    public TokenFigures(int texts) {
        losses = new double[texts];
        tokens = new int[texts];
        right = new int[texts];
        this.texts = texts;
    }

    public void add(int text, double loss, boolean isRight) {
        losses[text] += loss;
        tokens[text]++;
        right[text] += isRight ? 1 : 0;
    }

    /** Adds a text with so many tokens, given their mean loss and the share of them that the model prefers. */
    public void addText(int count, double loss, double accuracy) {
        if (texts == losses.length) {
            int size = Math.max(1024, 2 * texts);
            losses = Arrays.copyOf(losses, size);
            tokens = Arrays.copyOf(tokens, size);
            right = Arrays.copyOf(right, size);
        }
        losses[texts] = count == 0 ? 0 : loss * count;
        tokens[texts] = count;
        right[texts++] = count == 0 ? 0 : Math.toIntExact(Math.round(accuracy * count));
    }

    public int texts() {
        return texts;
    }

    public long tokens() {
        long sum = 0;
        for (int count : tokens) {
            sum += count;
        }
        return sum;
    }

    /** Returns the number of tokens of a text. */
    public int tokens(int text) {
        return tokens[text];
    }

    /** Returns the mean loss of all tokens; null without tokens. */
    public @Nullable Double loss() {
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return Ratio.orNull(sum, tokens());
    }

    /** Returns the mean loss of the tokens of a text that has any. */
    public double loss(int text) {
        return losses[text] / tokens[text];
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

    /** Returns the share of the tokens of a text that the model prefers to all others. */
    public double accuracy(int text) {
        return (double) right[text] / tokens[text];
    }

    /** Returns the metrics for texts that are drawn again, since the tokens of one are not independent. */
    public RowFigures figures() {
        return new RowFigures(
                texts,
                List.of("loss", "perplexity", "token_accuracy"),
                drawn -> sums(drawn).ofTokens(),
                null);
    }

    /**
     * Compares with the figures of another model for the same texts. The loss of a text as a whole does not depend on how it is
     * divided into tokens. The metrics of tokens are compared only if both models divide the texts alike.
     *
     * @param isCut whether one of the models did not read the ends of some texts: the less it reads, the lower are its sums
     */
    public Comparison minus(TokenFigures other, boolean isCut) {
        boolean isAlike = texts == other.texts && Arrays.equals(tokens, 0, texts, other.tokens, 0, texts);
        if (isCut && !isAlike) {
            return new Comparison(Map.of(), null, List.of(CUT));
        }
        return ofTexts(isAlike).minus(other.ofTexts(isAlike));
    }

    private RowFigures ofTexts(boolean hasTokens) {
        List<String> names =
                hasTokens ? List.of("loss_per_row", "loss", "perplexity", "token_accuracy") : List.of("loss_per_row");
        return new RowFigures(
                texts,
                names,
                drawn -> {
                    Sums sums = sums(drawn);
                    double perText = sums.loss / drawn.length;
                    double[] ofTokens = sums.ofTokens();
                    return hasTokens
                            ? new double[] {perText, ofTokens[0], ofTokens[1], ofTokens[2]}
                            : new double[] {perText};
                },
                null);
    }

    private record Sums(double loss, double tokens, double right) {
        double[] ofTokens() {
            return new double[] {loss / tokens, LanguageModelReport.perplexity(loss / tokens), right / tokens};
        }
    }

    private Sums sums(int[] drawn) {
        double loss = 0;
        double count = 0;
        double found = 0;
        for (int text : drawn) {
            loss += losses[text];
            count += tokens[text];
            found += right[text];
        }
        return new Sums(loss, count, found);
    }
}
