package dev.anneal.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.anneal.transformer.format.ModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows where tokens come from. A traced {@link Tokenizer} numbers the tokens of the texts that it is given, from a number that no
 * vocabulary reaches. What makes examples of them may move, cut and join the numbers as it does ids, and each still leads to its
 * token. Special tokens keep their ids. The texts are numbered from 0 in the order in which they were given.
 */
public final class TokenTrace {
    /** Larger than any id. This and some millions more are exact as floats, which targets are. */
    private static final int FIRST = 1 << 22;

    /** A token of a text: its id, its entry in the vocabulary, its text, and its place there in Unicode code points. */
    public record Token(int id, String name, int source, int from, int to) {}

    /** A token takes about 150 bytes here. */
    private static final int MAX_TOKENS = 200_000;

    private final List<Token> tokens = new ArrayList<>();
    private final Set<Integer> kept = new HashSet<>();
    private final List<String> sources = new ArrayList<>();

    /** Lets a token keep its id, because it is compared with others. */
    void keep(@Nullable Integer id) {
        if (id != null) {
            kept.add(id);
        }
    }

    /** Refuses tokens that would take too much memory. It is asked before their texts and places are copied. */
    void requireRoom(int more) {
        if (tokens.size() + more > MAX_TOKENS) {
            throw new ModelException(
                    "The row has more than %,d tokens, which are too many to show. Split its text into several rows"
                            .formatted(MAX_TOKENS));
        }
    }

    /**
     * Returns the numbers of tokens.
     *
     * @param sequences the number of the text of each token
     * @param shift the characters that were put before each text
     */
    int[] mark(
            int[] ids,
            String[] names,
            @Nullable CharSpan[] spans,
            long[] special,
            long[] sequences,
            List<String> texts,
            int shift) {
        int[] marked = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            CharSpan span = spans[i];
            if (span == null || special[i] == 1 || kept.contains(ids[i])) {
                marked[i] = ids[i];
                continue;
            }
            marked[i] = FIRST + tokens.size();
            tokens.add(new Token(
                    ids[i],
                    names[i],
                    sources.size() + (int) Math.max(0, sequences[i]),
                    Math.max(0, span.getStart() - shift),
                    Math.max(0, span.getEnd() - shift)));
        }
        sources.addAll(texts);
        return marked;
    }

    /** Returns the token that a number stands for, or null if it is the id of a token without a place in a text. */
    public @Nullable Token find(int number) {
        return number < FIRST ? null : tokens.get(number - FIRST);
    }

    /** Returns a text that was given. */
    public String text(int source) {
        return sources.get(source);
    }
}
