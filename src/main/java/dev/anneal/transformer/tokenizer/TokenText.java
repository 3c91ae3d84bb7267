package dev.anneal.transformer.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Decodes tokens one by one. It returns whole characters only, and holds back text that may be the start of a stop text.
 */
public final class TokenText {
    private static final char INCOMPLETE = '\uFFFD';
    /** Number of tokens of the prompt that are decoded too: the text of a token depends on those before it. */
    private static final int CONTEXT = 6;

    /**
     * Number of tokens after which a text that is still incomplete is returned as it is, and tokens without text are left out.
     * They are decoded again with each token, and a character has at most four.
     */
    private static final int MOST_UNKNOWN = 16;

    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final List<Integer> ids = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private int from;
    private int known;
    private boolean stopped;

    public TokenText(Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        for (int i = Math.max(0, prompt.length - CONTEXT); i < prompt.length; i++) {
            ids.add(prompt[i]);
        }
        known = ids.size();
    }

    /** Adds a token and returns the text that is now certain, often none. */
    public String add(int id) {
        ids.add(id);
        String before = decode(known);
        String now = decode(ids.size());
        boolean hasText = now.length() > before.length();
        boolean isComplete = hasText && now.charAt(now.length() - 1) != INCOMPLETE;
        if (!isComplete && ids.size() - known < MOST_UNKNOWN) {
            return "";
        }
        if (!hasText) {
            ids.subList(known, ids.size()).clear();
            return "";
        }
        from = known;
        known = ids.size();
        held.append(now, before.length(), now.length());
        return release();
    }

    /** Returns the text that was held back, after the last token; an incomplete character is dropped. */
    public String rest() {
        String before = decode(known);
        String now = decode(ids.size());
        known = ids.size();
        if (!stopped && now.length() > before.length()) {
            held.append(now.substring(before.length()).replaceAll(INCOMPLETE + "+$", ""));
        }
        String certain = release();
        String rest = stopped ? "" : held.toString();
        held.setLength(0);
        return certain + rest;
    }

    /** Returns whether a stop text occurred; it is not returned. */
    public boolean isStopped() {
        return stopped;
    }

    private String decode(int to) {
        return tokenizer.decode(
                ids.subList(from, to).stream().mapToInt(id -> id).toArray());
    }

    private String release() {
        int end = stops.stream()
                .mapToInt(held::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        stopped |= end >= 0;
        int certain = end >= 0 ? end : held.length() - beginning();
        String released = held.substring(0, certain);
        held.delete(0, stopped ? held.length() : certain);
        return released;
    }

    /** Returns the length of the longest suffix of the text with which a stop text starts. */
    private int beginning() {
        int longest = stops.stream().mapToInt(String::length).max().orElse(0) - 1;
        for (int length = Math.min(longest, held.length()); length > 0; length--) {
            String end = held.substring(held.length() - length);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return length;
            }
        }
        return 0;
    }
}
